import { parseArgs } from 'node:util'
import { runChaos } from './run.ts'

// Breaks everything by a seed while people buy, and compares both sides at the end: npm run chaos -- --seed 7 --orders 200

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    orders: { type: 'string', default: '50' },
    lanes: { type: 'string', default: '4' },
    troubles: { type: 'string', default: '1000000' },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
const [orders, lanes, troubles] = [values.orders, values.lanes, values.troubles].map(Number) as [
  number,
  number,
  number,
]
if (
  ![seed, orders, lanes, troubles].every((number) => Number.isSafeInteger(number) && number >= 0) ||
  orders < 1 ||
  lanes < 1
) {
  console.error('Usage: npm run chaos -- [--seed S] [--orders N] [--lanes L] [--troubles T]   whole numbers')
  process.exit(1)
}
console.log(`chaos: --seed ${seed} --orders ${orders} --lanes ${lanes}`)
const { wrong, ...figures } = await runChaos({ seed, orders, lanes, troubles, say: console.log })
console.log(JSON.stringify(figures))
for (const sentence of wrong) console.error(`WRONG: ${sentence}`)
console.log(
  wrong.length === 0
    ? 'clean'
    : `not clean; the same faults again: npm run chaos -- --seed ${seed} --orders ${orders}`,
)
process.exit(wrong.length === 0 ? 0 : 1)
