import './lib/require-node.ts'
import { startGateway } from '#gateway/start.ts'
import { openStandalone } from './lib/standalone.ts'

const { shared, databaseUrl, stops } = await openStandalone('gateway')
const gateway = await startGateway(shared, databaseUrl)
stops.push('gateway', () => gateway.stop())
shared.log.info(`gateway is ready: ${gateway.url}`)
