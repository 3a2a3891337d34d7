import { waitingAdjustments } from '#shop/admin/adjustments.ts'
import { readItem } from '#shop/shelf/items.ts'
import { openServices } from '#shop/shelf/service-rows.ts'
import { shorten } from '#shared/storable.ts'
import { panelList } from '../list.ts'
import { namesOf } from '#shared/names-of-people.ts'

/* Things that wait for an admin and have no list of their own. */

/** Corrections above the limit: another admin than their author must approve them. */
export const correctionsList = panelList({
  name: 'corrections',
  as: 'a-waiting',
  minimum: 'admin',
  title: 'admin-section-waiting',
  columns: ['sum', 'person', 'cause', 'asked', 'bot', 'at', 'number'],
  filters: {},
  acts: [
    {
      title: 'approve',
      minimum: 'admin',
      path: '/corrections/:id/approve',
      kind: 'primary',
      ask: 'panel-correction-ask',
    },
    { title: 'decline', minimum: 'admin', path: '/corrections/:id/decline', kind: 'danger' },
  ],
  async read(admin, served, _given, page) {
    const { db } = admin.app
    const waiting = await waitingAdjustments(db.reads, served, page)
    const nameOf = await namesOf(
      db.reads,
      waiting.flatMap(({ personId, createdBy }) => [personId, createdBy]),
    )
    return {
      rows: waiting.map((one) => ({
        id: one.id,
        opens: `person/${one.personId}`,
        cells: [
          admin.signed(one.amount, one.asset),
          nameOf(one.personId),
          shorten(one.reason, 200),
          nameOf(one.createdBy),
          one.bot,
          admin.time(one.createdAt),
          one.id,
        ],
      })),
    }
  },
})

/** Paid services; the order's page shows the buyer's answers and has the keys. */
export const servicesList = panelList({
  name: 'services',
  as: 'a-services',
  minimum: 'admin',
  title: 'admin-services',
  columns: ['good', 'until', 'taken', 'bot', 'number'],
  filters: {},
  async read(admin, served, _given, page) {
    const { db } = admin.app
    const open = await openServices(db.reads, served, page)
    const nameOf = await namesOf(
      db.reads,
      open.map(({ takenBy }) => takenBy),
    )
    const items = new Map(
      await Promise.all(
        [...new Set(open.map(({ itemId }) => itemId))].map(
          async (id) => [id, await readItem(db.reads, id)] as const,
        ),
      ),
    )
    return {
      rows: open.map(({ orderId, itemId, dueAt, takenBy, bot }) => ({
        id: orderId,
        opens: `order/${orderId}`,
        cells: [
          items.get(itemId)?.name[admin.language] ?? String(itemId),
          admin.time(dueAt!),
          takenBy === null ? '' : nameOf(takenBy),
          bot,
          orderId,
        ],
      })),
    }
  },
})
