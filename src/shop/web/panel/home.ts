import type { Attention } from '#shared/attention.ts'
import { explain } from '#shared/errors.ts'
import { allows } from '#shared/roles.ts'
import { movedToday } from '#shop/admin/today.ts'
import { saleStops } from '#shop/stars-premium/sale-stops.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { panelRoute } from './route.ts'
import type { PanelAnswer } from './route.ts'

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
        admin.attention
          .filter(({ minimum }) => allows(admin.role, minimum))
          .map((one) => counted(admin, one)),
      ),
      movedToday(db.reads, await admin.served()),
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
            /** null = nothing moved then, so there is nothing to compare with. */
            before: before === 0n ? null : admin.money(before, asset),
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

/** If one count fails, the others are still shown. */
async function counted(admin: PanelAdmin, one: Attention) {
  const shown = { title: plain(admin.t(one.text)), opens: one.opens ?? null }
  try {
    const { count, since } = await one.waiting(admin)
    return {
      ...shown,
      count,
      since: since ? plain(admin.t('admin-waiting-since', { time: admin.time(since) })) : null,
    }
  } catch (error) {
    admin.app.log.warn({ section: one.text, reason: explain(error) }, 'the panel cannot count what waits')
    return { ...shown, count: null, since: null }
  }
}

export const panelHomeRoutes = [home]

export type PanelHomeAnswer = PanelAnswer<typeof home>
