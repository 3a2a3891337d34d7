import { ageWords, healthLines, lightOf, queueLines } from '#shop/admin/health.ts'
import type { Light, QueueLine } from '#shop/admin/health.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { panelRoute } from './route.ts'
import type { PanelAnswer } from './route.ts'

/** The page draws its own lights in place of these emoji. */
const LIGHTS = { '🟢': 'good', '🟡': 'late', '🔴': 'bad' } as const satisfies Record<Light, string>

/** Everybody who watches the queues within this time gets the same answer, so that many pages cost one reading. */
const FRESH_MS = 1_000
const reads = new WeakMap<object, { at: number; lines: Promise<QueueLine[]> }>()

function queuesNow({ app }: PanelAdmin): Promise<QueueLine[]> {
  const last = reads.get(app.backend)
  if (last && performance.now() - last.at < FRESH_MS) return last.lines
  const lines = queueLines(app)
  reads.set(app.backend, { at: performance.now(), lines })
  return lines
}

/** The present state of the queues; an open page asks every few seconds. */
const queues = panelRoute({
  method: 'GET',
  path: '/queues',
  as: 'a-health',
  minimum: 'read-only',
  async run(admin) {
    return {
      queues: (await queuesNow(admin)).map((one) => ({
        ...one,
        title: plain(admin.t(`queue-${one.name}`)),
        light: LIGHTS[lightOf(one.ageSeconds)],
        age: ageWords(admin, one.ageSeconds),
      })),
    }
  },
})

/** The state of all other parts. */
const health = panelRoute({
  method: 'GET',
  path: '/health',
  as: 'a-health',
  minimum: 'read-only',
  async run(admin) {
    const lines = await healthLines(admin.app, admin)
    return { lines: lines.map(({ light, text }) => ({ light: LIGHTS[light], text: plain(text) })) }
  },
})

export const partRoutes = [queues, health]

export type QueuesAnswer = PanelAnswer<typeof queues>
export type HealthAnswer = PanelAnswer<typeof health>
