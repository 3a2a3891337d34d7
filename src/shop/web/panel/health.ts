import { ageWords, healthLines, lightOf, queueLines } from '#shop/admin/health.ts'
import type { Light, QueueLine } from '#shop/admin/health.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { panelRoute } from './route.ts'
import type { PanelAnswer } from './route.ts'

/** A page draws its own. */
const LIGHTS = { '🟢': 'good', '🟡': 'late', '🔴': 'bad' } as const satisfies Record<Light, string>

/** Everybody who watches the queues looks at one answer: a second look within this time asks nobody. */
const FRESH_MS = 1_000
const reads = new WeakMap<object, { at: number; lines: Promise<QueueLine[]> }>()

function queuesNow({ app }: PanelAdmin): Promise<QueueLine[]> {
  const last = reads.get(app.backend)
  if (last && performance.now() - last.at < FRESH_MS) return last.lines
  const lines = queueLines(app)
  reads.set(app.backend, { at: performance.now(), lines })
  return lines
}

/** The queues as they are this second; a page asks again every few seconds while somebody looks at it. */
const queues = panelRoute({
  method: 'GET',
  path: '/queues',
  as: 'a-health',
  minimum: 'read-only',
  async run(admin) {
    return {
      queues: (await queuesNow(admin)).map((one) => ({
        ...one,
        light: LIGHTS[lightOf(one.ageSeconds)],
        age: ageWords(admin, one.ageSeconds),
      })),
    }
  },
})

/** What else there is to say about how the parts are. */
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
