import { availableParallelism } from 'node:os'
import type { ChaosReport } from './run.ts'

/** Writes the run as a section of docs/fault-report.md. */
export function markdown(report: ChaosReport, date: string): string {
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')
  const { seed, orders, lanes, wrong } = report
  const troubles = Object.values(report.troubles).reduce((sum, count) => sum + count, 0)
  const beside =
    (report.hosts > 0 ? ` --hosts ${report.hosts}` : '') +
    (report.redis > 1 ? ` --redis ${report.redis}` : '') +
    (report.pooler ? ' --pooler' : '')
  const command = `npm run chaos -- --seed ${seed} --orders ${orders} --troubles ${troubles} --lanes ${lanes}${beside}`
  return [
    `### Seed ${seed}, ${orders} orders: ${wrong.length === 0 ? 'clean' : 'NOT CLEAN'}`,
    '',
    `${date}, \`${command}\`,`,
    `${availableParallelism()} cores; ${report.seconds} s in all, ${report.buyingSeconds} s of buying,`,
    `${report.settlingSeconds} s until everything was settled and read.`,
    '',
    `- **Broken**: ${list(report.troubles)}.`,
    `- **Faults of orders**: ${list(report.faults)}.`,
    `- **Dishonest**: ${list(report.villains)}.`,
    `- **People**: ${list(report.outcomes)}.`,
    `- **Orders**: ${list(report.states)}.`,
    `- **Outside**: ${list(report.figures)}.`,
    `- **Differences**: ${wrong.length === 0 ? 'none' : wrong.length}.`,
    ...wrong.slice(0, 20).map((sentence) => `  - ${sentence}`),
    '',
    'Orders that ended in a second, while the trouble lasted (at least 10 s) and for as long before and after:',
    '',
    '| trouble | times | before | during | after | felt |',
    '|---|---|---|---|---|---|',
    ...report.rates.map(
      ({ what, times, before, during, after, felt }) =>
        `| ${[what, times, before, during, after, felt.slice(0, 4).join('; ')].join(' | ')} |`,
    ),
    '',
  ].join('\n')
}
