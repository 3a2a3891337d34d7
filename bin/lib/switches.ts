import type { Control } from '../../sandbox/chat/extra.ts'
import type { RunningWorker } from '#workers/run.ts'

type Start = () => Promise<RunningWorker>

/** The workers of this process. The sandbox page may stop the worker that books money and start it again. */
export function createSwitches() {
  const starts = new Map<string, Start>()
  const running = new Map<string, RunningWorker>()
  let last: Promise<unknown> = Promise.resolve()

  /** Changes run one after the other, also when two people press at once. */
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = last.then(change)
    last = result.catch(() => {})
    return result
  }
  const start = (name: string) =>
    inTurn(async () => {
      const startOne = starts.get(name)
      if (!running.has(name) && startOne) running.set(name, await startOne())
    })
  const stop = (name: string, deadlineMs: number) =>
    inTurn(async () => {
      const worker = running.get(name)
      running.delete(name)
      await worker?.stop(deadlineMs)
    })

  const controls: Control[] = [
    {
      id: 'stop-billing',
      label: { en: 'Stop the billing worker', ru: 'Остановить работника billing' },
      expected: {
        en: 'The bot goes on answering. A payment is noted and waits; nothing is lost.',
        ru: 'Бот продолжает отвечать. Оплата записана и ждёт; ничего не теряется.',
      },
      async run() {
        await stop('billing', 0)
        return { text: { en: 'Billing is stopped.', ru: 'Billing остановлен.' } }
      },
    },
    {
      id: 'start-billing',
      label: { en: 'Start the billing worker', ru: 'Запустить работника billing' },
      expected: {
        en: 'What waited is credited now, once.',
        ru: 'То, что ждало, зачислится сейчас, один раз.',
      },
      async run() {
        await start('billing')
        return { text: { en: 'Billing runs.', ru: 'Billing работает.' } }
      },
    },
  ]

  return {
    controls,
    async startAll(workers: [string, Start][]): Promise<void> {
      for (const [name, startOne] of workers) starts.set(name, startOne)
      await Promise.all(workers.map(async ([name, startOne]) => running.set(name, await startOne())))
    },
    async stopAll(deadlineMs: number): Promise<void> {
      await inTurn(async () => {
        starts.clear()
        await Promise.all([...running.values()].map((worker) => worker.stop(deadlineMs)))
        running.clear()
      })
    },
  }
}
