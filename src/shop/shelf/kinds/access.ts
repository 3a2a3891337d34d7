import { sql as q } from 'kysely'
import { UserError } from '#shared/errors.ts'
import {
  LONGEST_DAYS,
  chatOfItem,
  countAccesses,
  daysOfAccess,
  openAccess,
  readAccess,
  refuseWhenFull,
  withdrawAccess,
} from '../accesses.ts'
import type { ItemKind } from './kind.ts'

/** A place in a private channel or group, for some days or for ever. */
export const access: ItemKind = {
  name: 'access',
  promise: (item) => ({ days: daysOfAccess(item) }),
  async left(sql, { id }) {
    const chat = await chatOfItem(sql, id)
    return chat && !chat.lostAt ? undefined : 0
  },
  available: () =>
    q<boolean>`exists (select from shelf_chats c where c.item_id = i.id and c.lost_at is null)`,
  admits: (tx, { id }, personId) => refuseWhenFull(tx, id, personId),
  take: (tx, item, order) => openAccess(tx, item, order),
  async withdraw(tx, orderId) {
    if (!(await withdrawAccess(tx, orderId))) throw new UserError('item.access-over')
  },
  replaceable: false,
  async content({ db }, { id }, itemId) {
    const [held, chat] = await Promise.all([readAccess(db, id), chatOfItem(db, itemId)])
    return held && !held.endedAt && held.chatId === chat?.chatId ? chat.link : undefined
  },
  offer: (item) => ({ text: 'shelf-for-days', params: { count: daysOfAccess(item) ?? 0 } }),
  async state(sql, item) {
    const chat = await chatOfItem(sql, item.id)
    if (!chat) return { text: 'admin-item-no-chat', params: {} }
    return {
      text: chat.lostAt ? 'admin-item-chat-lost' : chat.isFull ? 'admin-item-chat-full' : 'admin-item-chat',
      params: {
        title: chat.title,
        bot: chat.bot,
        days: daysOfAccess(item) ?? 0,
        ...(await countAccesses(sql, item.id)),
      },
    }
  },
  fill: { text: 'shelf-key-chat', route: 'a-item-chat' },
  form: {
    text: 'admin-item-fields-access',
    has: (field) => field === 'days',
    read(fields) {
      const typed = fields.get('days') ?? ''
      if (/^(no|нет|-|—)$/i.test(typed)) return { days: null }
      if (!/^\d{1,4}$/.test(typed) || Number(typed) < 1 || Number(typed) > LONGEST_DAYS)
        throw new UserError('item.range', { what: 'days', min: 1, max: LONGEST_DAYS })
      return { days: Number(typed) }
    },
  },
}
