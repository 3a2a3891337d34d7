import { startFragment } from './server.ts'

/** The imitation of the reseller as a process. It prints its address. */
const fragment = await startFragment({ settings: { stepMs: 100, walletTon: '100000000' } })
console.log(fragment.url)

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void fragment.close().then(() => process.exit(0)))
