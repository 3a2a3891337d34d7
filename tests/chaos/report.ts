import { availableParallelism } from 'node:os'
import type { ChaosReport } from './run.ts'

/** The run as a section of docs/fault-report.md. */
export function markdown(report: ChaosReport, date: string): string {
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')
  const { wrong } = report
  return [
    `### Seed ${report.seed}, ${report.orders} orders: ${wrong.length === 0 ? 'clean' : 'NOT CLEAN'}`,
    '',
    `${date}, \`npm run chaos -- --seed ${report.seed} --orders ${report.orders}\`, ${report.lanes} people at a time,`,
    `${availableParallelism()} cores; ${report.seconds} s in all, ${report.buyingSeconds} s of buying,`,
    `${report.settlingSeconds} s until everything was settled and read.`,
    '',
    `- **Broken**: ${list(report.troubles)}.`,
    `- **Faults of orders**: ${list(report.faults)}.`,
    `- **People**: ${list(report.outcomes)}.`,
    `- **Orders**: ${list(report.states)}.`,
    `- **Outside**: ${list(report.figures)}.`,
    `- **Differences**: ${wrong.length === 0 ? 'none' : wrong.length}.`,
    ...wrong.slice(0, 20).map((sentence) => `  - ${sentence}`),
    '',
  ].join('\n')
}
