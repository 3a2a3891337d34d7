/** One measurement against its baseline, both taken in the same run and in turns: these machines are noisy. */
export interface Result {
  name: string
  ours: number
  baseline: number
  /** Set if both were measured in turns: the median over the rounds, which a slow minute does not move. */
  ratio?: number
  unit: string
  /** The least ratio of ours to the baseline; undefined for a figure without a goal. */
  goal?: number
  /** True for latencies, where smaller is better: then the ratio is baseline / ours. */
  smaller?: boolean
}

const ROUNDS = 7

/**
 * Measures both in turns, ours first in every other round, and takes the medians of the figures and of their ratio.
 * @param ours a rate per second, or a time
 * @param rounds many short ones, where a neighbour's busy second would spoil a long one
 */
export async function inTurns(
  ours: () => Promise<number>,
  baseline: () => Promise<number>,
  rounds = ROUNDS,
): Promise<{ ours: number; baseline: number; ratio: number }> {
  const figures: { ours: number[]; baseline: number[] } = { ours: [], baseline: [] }
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (['ours', 'baseline'] as const) : (['baseline', 'ours'] as const)
    for (const which of order) figures[which].push(await (which === 'ours' ? ours() : baseline()))
  }
  const ratios = figures.ours.map((figure, round) => figure / figures.baseline[round]!)
  return { ours: median(figures.ours), baseline: median(figures.baseline), ratio: median(ratios) }
}

export function median(figures: number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)]!
}

export function percentile(figures: number[], percent: number): number {
  return figures.toSorted((a, b) => a - b)[
    Math.min(figures.length - 1, Math.floor((figures.length * percent) / 100))
  ]!
}

/**
 * Makes calls for `ms` with `width` of them under way at any moment.
 * @returns calls per second
 */
export async function rate(width: number, ms: number, call: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  let calls = 0
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (performance.now() - start < ms) {
        await call()
        calls++
      }
    }),
  )
  return (calls * 1000) / (performance.now() - start)
}

export function print(results: Result[]): void {
  const rows = results.map(({ name, ours, baseline, unit, goal, smaller, ratio: measured }) => {
    const direct = measured ?? ours / baseline
    const ratio = smaller ? 1 / direct : direct
    return {
      measured: name,
      ours: `${round(ours)} ${unit}`,
      baseline: `${round(baseline)} ${unit}`,
      ratio: ratio.toFixed(2),
      goal: goal === undefined ? '' : `${goal} ${ratio >= goal ? 'met' : 'MISSED'}`,
    }
  })
  console.table(rows)
}

const round = (figure: number): string => (figure >= 100 ? Math.round(figure).toString() : figure.toFixed(1))
