import '../bin/lib/require-node.ts'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Infra } from '../bin/infra/start.ts'
import { benchApi } from './api.ts'
import { benchBilling } from './billing.ts'
import { benchBuilder } from './builder.ts'
import { benchBroadcasts } from './broadcasts.ts'
import { benchCrowd } from './crowd.ts'
import { benchExports } from './exports.ts'
import { benchFragment } from './fragment.ts'
import { benchFsync } from './fsync.ts'
import { benchGateway } from './gateway.ts'
import { benchGoods } from './goods.ts'
import { benchKilled } from './killed.ts'
import { benchLatency } from './latency.ts'
import { benchLedger } from './ledger.ts'
import { print } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'
import { openBenchStage } from './lib/stage.ts'
import { benchUpdate } from './update.ts'

// Every claim of speed, each as a ratio to a baseline measured in the same run. `npm run bench -- ledger` runs one.

const benches: Record<string, (infra: Infra, parts: ReadonlySet<string> | undefined) => Promise<Result[]>> = {
  gateway: benchGateway,
  ledger: benchLedger,
  api: benchApi,
  billing: benchBilling,
  update: benchUpdate,
  latency: benchLatency,
  crowd: benchCrowd,
  builder: benchBuilder,
  exports: benchExports,
  broadcasts: benchBroadcasts,
  fragment: benchFragment,
  fsync: benchFsync,
  goods: benchGoods,
  killed: benchKilled,
}
/** Benches that start their own servers and print their own figures. */
const scripts: Record<string, string> = {
  growth: 'growth.ts',
  images: 'images.ts',
  profile: 'profile.ts',
  scale: 'scale.ts',
  web: 'web.ts',
  'telegram-sandbox': 'telegram-sandbox.ts',
}

const known = [...Object.keys(benches), ...Object.keys(scripts)]
/** Flags are for the benches that are scripts, `--parts` for goods as well: `npm run bench -- goods --parts upload`. */
const firstFlag = process.argv.findIndex((word) => word.startsWith('--'))
const wanted = process.argv.slice(2, firstFlag > 0 ? firstFlag : undefined)
const flags = firstFlag > 0 ? process.argv.slice(firstFlag) : []
const parts = flags[0] === '--parts' ? new Set(flags[1]?.split(',')) : undefined
const unknown = wanted.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`There is no bench called ${unknown.join(', ')}. There are: ${known.join(', ')}`)
  process.exit(1)
}
for (const name of wanted.length > 0 ? wanted : known) {
  console.log(`\n${name}`)
  const script = scripts[name]
  if (script) spawnSync(process.execPath, [join(import.meta.dirname, script), ...flags], { stdio: 'inherit' })
  else await compare(benches[name]!)
}
process.exit(0)

async function compare(bench: (typeof benches)[string]): Promise<void> {
  const infra = await openBenchStage()
  try {
    print(await bench(infra, parts))
  } finally {
    await infra.stop()
  }
}
