import '../bin/lib/require-node.ts'
import type { Infra } from '../src/shared/infra/start.ts'
import { benchGateway } from './gateway.ts'
import { benchLatency } from './latency.ts'
import { benchLedger } from './ledger.ts'
import { print } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'
import { openBenchStage } from './lib/stage.ts'

// Every claim of speed, each as a ratio to a baseline measured in the same run. `npm run bench -- ledger` runs one.

const benches: Record<string, (infra: Infra) => Promise<Result[]>> = {
  gateway: benchGateway,
  ledger: benchLedger,
  latency: benchLatency,
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  console.error(
    `There is no bench called ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}`,
  )
  process.exit(1)
}
for (const [name, bench] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue
  console.log(`\n${name}`)
  const infra = await openBenchStage()
  try {
    print(await bench(infra))
  } finally {
    await infra.stop()
  }
}
process.exit(0)
