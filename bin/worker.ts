import './lib/require-node.ts'
import { startWorker, workerTypes } from '#workers/run.ts'
import { serveHealth } from './lib/health.ts'
import { DRAIN_MS, fail } from './lib/process.ts'
import { openStandalone } from './lib/standalone.ts'

const names = process.argv.slice(2)
const known = workerTypes.map((type) => type.name)
const unknown = names.filter((name) => !known.includes(name))
if (names.length === 0 || unknown.length > 0) {
  fail([
    unknown.length > 0 ? `There is no worker called ${unknown.join(', ')}.` : 'Name the workers to run.',
    `Usage: npm run worker -- NAME...   (${known.join(', ')})`,
  ])
}
const { shared, databaseUrl, stops } = await openStandalone(names.join('+'), names)
const types = workerTypes.filter((type) => names.includes(type.name))
const health = await serveHealth(
  shared,
  types.flatMap((type) => type.queues),
)
stops.push('health', () => health.close())
const workers = await Promise.all(types.map((type) => startWorker(type, shared, databaseUrl)))
stops.push('workers', () => Promise.all(workers.map((worker) => worker.stop(DRAIN_MS))))
shared.log.info(`workers are ready: ${names.join(', ')}`)
