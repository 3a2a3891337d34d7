import { explain } from '#shared/errors.ts'
import { allows } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'
import { waitingAdjustments } from '#shop/admin/adjustments.ts'
import { countDeadLetters } from '#shop/admin/letters.ts'
import { movedToday } from '#shop/admin/today.ts'
import { pausedMailings } from '#shop/mailings/mailings.ts'
import { countRequests } from '#shop/payments/requests.ts'
import { countAttention } from '#shop/payments/story.ts'
import { saleStops } from '#shop/stars-premium/sale.ts'
import { countByState } from '#shop/stars-premium/by-state.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { panelRoute } from './route.ts'
import type { PanelAnswer } from './route.ts'

/** What may wait for a decision, as in the bot's own panel: who sees it, how many, and where they are. */
interface Waiting {
  text: string
  minimum: Role
  /** A place of the panel; null = it is decided in the chat. */
  opens: string | null
  count: (admin: PanelAdmin) => Promise<number>
}

const WAITING: readonly Waiting[] = [
  {
    text: 'payments-requests',
    minimum: 'read-only',
    opens: 'requests',
    count: ({ app, bot }) => countRequests(app.db, bot.name),
  },
  {
    text: 'payments-section',
    minimum: 'read-only',
    opens: 'payments?state=attention',
    count: async (admin) => countAttention(admin.app.db, await admin.served()),
  },
  {
    text: 'fadmin-section',
    minimum: 'read-only',
    opens: 'orders?state=review',
    count: async (admin) =>
      (await countByState(admin.app.db, ['review'], await admin.served())).get('review') ?? 0,
  },
  {
    text: 'admin-section-letters',
    minimum: 'support',
    opens: 'letters',
    count: async (admin) => countDeadLetters(admin.app.db, await admin.served('support')),
  },
  {
    text: 'admin-section-waiting',
    minimum: 'admin',
    opens: null,
    count: async (admin) => (await waitingAdjustments(admin.app.db, await admin.served('admin'))).length,
  },
  {
    text: 'admin-section-broadcasts',
    minimum: 'admin',
    opens: null,
    count: ({ app, bot }) => pausedMailings(app.db, bot.name),
  },
]

/** The first page: what waits for a decision, what came in and went out today, what does not sell. */
const home = panelRoute({
  method: 'GET',
  path: '/home',
  as: 'admin',
  minimum: 'read-only',
  async run(admin) {
    const { db } = admin.app
    const [waiting, moved, stops] = await Promise.all([
      Promise.all(
        WAITING.filter(({ minimum }) => allows(admin.role, minimum)).map((one) => counted(admin, one)),
      ),
      movedToday(db, await admin.served()),
      saleStops(db),
    ])
    return {
      waiting,
      money: (['in', 'back', 'sold'] as const).map((what) => ({
        what,
        sums: moved
          .filter((one) => one.what === what)
          .map(({ asset, now, before }) => ({
            now: admin.money(now, asset),
            before: admin.money(before, asset),
            rising: now >= before,
          })),
      })),
      stopped: stops.map(({ reason, since }) => ({
        text: plain(admin.t(`fadmin-reason-${reason}`)),
        since: admin.time(since),
      })),
    }
  },
})

/** One count that fails must not hide the others. */
async function counted(admin: PanelAdmin, { text, opens, count }: Waiting) {
  const title = plain(admin.t(text))
  try {
    return { title, opens, count: await count(admin) }
  } catch (error) {
    admin.app.log.warn({ section: text, reason: explain(error) }, 'the panel cannot count what waits')
    return { title, opens, count: null }
  }
}

export const panelHomeRoutes = [home]

export type PanelHomeAnswer = PanelAnswer<typeof home>
