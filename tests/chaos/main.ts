import { appendFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { onPath } from '../lib/requirements.ts'
import { hostsProblem } from './hosts.ts'
import { markdown } from './report.ts'
import { runChaos } from './run.ts'

// Breaks everything by a seed while people buy, and compares both sides at the end: npm run chaos -- --seed 7 --orders 200

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    orders: { type: 'string', default: '200' },
    lanes: { type: 'string', default: '24' },
    troubles: { type: 'string' },
    hosts: { type: 'string', default: '0' },
    redis: { type: 'string', default: '1' },
    pooler: { type: 'boolean', default: false },
    report: { type: 'string' },
    compact: { type: 'boolean', default: false },
    'keep-logs': { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
const orders = Number(values.orders)
const lanes = Number(values.lanes)
const troubles = values.troubles === undefined ? undefined : Number(values.troubles)
const [hosts, redis] = [Number(values.hosts), Number(values.redis)]
const numbers = [seed, orders, lanes, troubles ?? 0, hosts, redis]
if (
  !numbers.every((number) => Number.isSafeInteger(number) && number >= 0) ||
  orders < 1 ||
  lanes < 1 ||
  redis < 1
) {
  console.error(
    'Usage: npm run chaos -- [--seed S] [--orders N] [--lanes L] [--troubles T] [--hosts H] [--redis R] [--pooler] [--report FILE] [--compact] [--keep-logs]',
  )
  process.exit(1)
}
const { pooler } = values
const noPooler = pooler && !onPath('pgbouncer') ? 'no pgbouncer on PATH' : undefined
const missing = noPooler ?? (hosts > 0 ? await hostsProblem() : undefined)
if (missing) {
  console.log(`left out: ${missing}`)
  process.exit(0)
}
const planned = troubles === undefined ? '' : ` --troubles ${troubles}`
const beside =
  (hosts > 0 ? ` --hosts ${hosts}` : '') +
  (redis > 1 ? ` --redis ${redis}` : '') +
  (pooler ? ' --pooler' : '')
const again = `npm run chaos -- --seed ${seed} --orders ${orders}${planned} --lanes ${lanes}${beside}`
console.log(`chaos: ${again}`)
const report = await runChaos({
  seed,
  orders,
  lanes,
  hosts,
  redis,
  pooler,
  ...(troubles !== undefined && { troubles }),
  compact: values.compact,
  keepLogs: values['keep-logs'],
  say: (line) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`),
})
const text = markdown(report, new Date().toISOString().slice(0, 10))
console.log(`\n${text}`)
if (values.report) appendFileSync(values.report, `${text}\n`)
for (const sentence of report.wrong) console.error(`WRONG: ${sentence}`)
console.log(report.wrong.length === 0 ? 'clean' : `NOT CLEAN; the same plan again: ${again}`)
process.exit(report.wrong.length === 0 ? 0 : 1)
