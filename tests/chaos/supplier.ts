// One simulator as a process: `node supplier.ts NAME PORT FILE JSON`. The simulator keeps its books in FILE,
// so that kill -9 costs it the requests in hand and nothing that it has sold.
import { startFragment } from '../../sandbox/fragment/server.ts'
import { startKie } from '../../sandbox/pictures/kie.ts'
import { startPayment } from '../../sandbox/payments/start.ts'
import type { VendorName } from '../../sandbox/payments/start.ts'

const [name = '', port = '0', file = '', settings = '{}'] = process.argv.slice(2)
const at = { port: Number(port), file, settings: JSON.parse(settings) as Record<string, never> }

if (name === 'reseller') await startFragment(at)
else if (name === 'pictures') await startKie(at)
else await startPayment(name as VendorName, at)
console.log('ready')
