import { startPayments } from './start.ts'

/** All imitations of vendors as one process. It prints the shop's variables as one line of JSON. */
const shopUrl = process.env['SHOP_URL']
const simulators = await startPayments({ confirmMs: 1500, ...(shopUrl ? { shopUrl } : {}) })
console.log(JSON.stringify(simulators.env))

const stop = () => void simulators.close().then(() => process.exit(0))
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
