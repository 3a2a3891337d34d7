import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openCredits } from './billing.ts'
import { cpuOf } from './lib/cpu.ts'
import { openBenchStage } from './lib/stage.ts'
import { kinds, load, openContestants } from './update.ts'

// Where the processor time of an update goes: gateway and bot worker under V8's profiler while updates come in. A line is
// what its own code took, and what Node did for it, by package or by file of ours, in microseconds of an update.
// `--kind 'buy press'` profiles another update, `--seconds 20` for longer, `--functions` tells functions.

const WARM_UP_MS = 5_000
const WARM_UP_CREDITS = 500
const LINES = 30
const { values: flags } = parseArgs({
  options: {
    kind: { type: 'string', default: '/menu' },
    seconds: { type: 'string', default: '10' },
    credits: { type: 'string', default: '2000' },
    functions: { type: 'boolean', default: false },
  },
})
const names = [...kinds.map(({ name }) => name), 'credit']
if (!names.includes(flags.kind)) throw new Error(`--kind is one of ${names.join(', ')}`)

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[]
  samples: number[]
  timeDeltas: number[]
}

const dir = await mkdtemp(join(tmpdir(), 'telekassa-profile-'))
const infra = await openBenchStage()
const nodeArgs = ['--cpu-prof', `--cpu-prof-dir=${dir}`]
const { done, micros } = flags.kind === 'credit' ? await credits() : await updates()
await infra.stop()
// The profiles begin with the start of the processes, so all updates of a kind share what they cost.
for (const file of await readdir(dir)) {
  const profile = JSON.parse(await readFile(join(dir, file), 'utf8')) as Profile
  print(profile, micros, done)
}
await rm(dir, { recursive: true })
process.exit(0)

async function updates(): Promise<{ done: number; micros: number }> {
  const kind = kinds.find(({ name }) => name === flags.kind)!
  const contestants = await openContestants(infra, nodeArgs)
  const { telegram, ours, openMenus } = contestants
  await openMenus()
  await load(telegram, ours, kind, WARM_UP_MS)
  await openMenus()
  const { done } = await load(telegram, ours, kind, Number(flags.seconds) * 1000)
  await contestants.stop()
  return { done, micros: Number(flags.seconds) * 1_000_000 }
}

/**
 * Puts webhooks of a vendor on the queue, as many as `--credits` says, and measures what one costs PostgreSQL,
 * Redis and the billing worker.
 */
async function credits(): Promise<{ done: number; micros: number }> {
  const shop = await openCredits(infra)
  const worker = await shop.startWorker(nodeArgs)
  await shop.drain(await shop.makeEvents(WARM_UP_CREDITS))
  const done = Number(flags.credits)
  const events = await shop.makeEvents(done)
  const all = { PostgreSQL: shop.servers[0]!, Redis: shop.servers[1]!, 'billing worker': worker.pid! }
  const cpu = () => Object.entries(all).map(([name, pid]) => ({ name, ms: cpuOf([pid]) }))
  const before = cpu()
  const started = performance.now()
  await shop.drain(events)
  const micros = (performance.now() - started) * 1000
  for (const [at, { name, ms }] of cpu().entries())
    console.log(`${name}: ${Math.round((1000 * (ms - before[at]!.ms)) / done)} µs of processor time a credit`)
  worker.kill('SIGTERM')
  await once(worker, 'exit')
  await shop.close()
  return { done, micros }
}

/** @param lastMicros the end of the profile that is looked at, because updates came in then */
function print({ nodes, samples, timeDeltas }: Profile, lastMicros: number, updates: number): void {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  const nameOf = (id: number): string => {
    const frame = names.get(id)!
    const own = placeOf(frame)
    // Work of Node's own belongs to the code that asked for it. Some comes straight from the event loop.
    let by = own
    for (let at: number | undefined = id; at && /^(node:|native)/.test(by); at = parents.get(at))
      by = placeOf(names.get(at)!)
    const place = by === '(root)' ? own : by
    const isTheirs = place !== own || flags.functions
    return isTheirs ? `${place} ${own === 'native' || flags.functions ? frame.functionName : ''}` : place
  }
  const [all, busy] = [new Map<string, number>(), { micros: 0 }]
  const total = timeDeltas.reduce((sum, one) => sum + one, 0)
  let at = 0
  for (const [index, id] of samples.entries()) {
    const micros = timeDeltas[index]!
    at += micros
    const frame = names.get(id)!
    if (at < total - lastMicros || frame.functionName === '(idle)') continue
    busy.micros += micros
    const name = nameOf(id)
    all.set(name, (all.get(name) ?? 0) + micros)
  }
  const isWorker = nodes.some(({ callFrame }) => callFrame.url.endsWith('bin/worker.ts'))
  console.log(
    `\n${isWorker ? 'worker' : 'gateway'}: ${Math.round(busy.micros / updates)} µs each, of ${updates}`,
  )
  const rows = [...all].toSorted(([, a], [, b]) => b - a).slice(0, LINES)
  for (const [name, micros] of rows)
    console.log(
      `${String(Math.round(micros / updates)).padStart(6)} ${((100 * micros) / busy.micros).toFixed(1).padStart(5)} %  ${name}`,
    )
}

function placeOf({ url, functionName }: Profile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native'
  const inPackage = /node_modules\/(?:.*node_modules\/)?((?:@[^/]+\/)?[^/]+)/.exec(url)
  if (inPackage) return inPackage[1]!
  return url.startsWith('node:') ? url : url.replace(/^.*?\/(src|bin|migrations)\//, '$1/')
}
