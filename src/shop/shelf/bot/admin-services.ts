import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import { shorten } from '#shared/storable.ts'
import { typedText } from '#workers/bot/chat.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { decidedInGroup, nameInGroup, refusalOf } from '#workers/bot/in-place.ts'
import { back, button, chatId, send, show } from '#workers/bot/screen.ts'
import { servicesToDo } from '../attention.ts'
import { answerLines } from '../asks.ts'
import { ITEM, itemOf } from '../good.ts'
import { readItem } from '../items.ts'
import { itemActs, LONGEST_RESULT, LONGEST_WHY } from '../order-acts.ts'
import { shelfSecrets } from '../seal.ts'
import { answersOf, openServices, readService } from '../service-rows.ts'
import { deliverService, refuseService, takeService } from '../services.ts'

const PAGE = 8

/** Admins: services that buyers have ordered, the most urgent first, and the keys to take, deliver or refuse them. */
export const adminServices: Feature = {
  adminButtons: {
    'a-services': (chat, [page = '0']) => showServices(chat, Number(page) || 0),
    'item-take': take,
    'item-photos': showPhotos,
    'item-deliver': (chat, args) => ask(chat, 'item-deliver', args),
    'item-refuse': (chat, args) => ask(chat, 'item-refuse', args),
  },
  groupButtons: { 'item-take': takeInGroup },
  adminInputs: { 'item-deliver': deliver, 'item-refuse': refuse },
  admin: { sections: [servicesToDo], order: ofOrder },
}

async function showServices(chat: Chat, page: number): Promise<void> {
  chat.session.awaiting = undefined
  const { db } = chat.app
  const rows = await openServices(db, await chat.served('admin'), { limit: PAGE + 1, offset: page * PAGE })
  const keys = await Promise.all(
    rows.slice(0, PAGE).map(async ({ orderId, itemId, dueAt, takenBy }) => {
      const item = await readItem(db, itemId)
      const sign = takenBy === null ? '🆕' : '🛠'
      return [
        button(chat, `${sign} ${item!.name[chat.language]} · ${chat.time(dueAt!)}`, ['a-order', orderId]),
      ]
    }),
  )
  const pager = [
    ...(page > 0 ? [button(chat, chat.t('shelf-key-back'), ['a-services', page - 1])] : []),
    ...(rows.length > PAGE ? [button(chat, chat.t('shelf-key-on'), ['a-services', page + 1])] : []),
  ]
  await show(chat, {
    text: chat.t(rows.length > 0 ? 'admin-services-title' : 'admin-services-none'),
    keyboard: [...keys, ...(pager.length > 0 ? [pager] : []), back(chat, 'admin')],
  })
}

/** The keys for an order on its page, and the buyer's answers for admins who may deliver. */
async function ofOrder(chat: Chat, order: Order) {
  if (order.good !== ITEM.kind || !chat.reaches('item-take')) return {}
  const service = await readService(chat.app.db, order.id)
  if (!service) return {}
  const answers = await answersOf(chat.app.db, await shelfSecrets(chat.app), order.id)
  const acts = itemActs(order, service)
  const isOpen = acts.includes('deliver')
  const photos = answers?.asks.some(({ type }) => type === 'photo') ?? false
  return {
    lines: [
      ...(answers ? ['', ...answerLines(chat, answers)] : []),
      ...(isOpen && service.dueAt
        ? ['', chat.t('admin-service-due', { until: chat.when(service.dueAt) })]
        : []),
    ],
    rows: [
      ...(photos ? [[button(chat, chat.t('shelf-key-photos'), ['item-photos', order.id])]] : []),
      ...(acts.includes('take')
        ? [[button(chat, chat.t('shelf-key-take'), ['item-take', order.id], 'primary')]]
        : []),
      ...(isOpen
        ? [
            [
              button(chat, chat.t('shelf-key-deliver'), ['item-deliver', order.id], 'success'),
              button(chat, chat.t('shelf-key-refuse'), ['item-refuse', order.id], 'danger'),
            ],
          ]
        : []),
    ],
  }
}

async function take(chat: Chat, [id = '']: string[]): Promise<Answer> {
  await takeService(chat.app, id, { admin: chat.personId, bot: chat.bot.name })
  await end(chat, id, 'admin-service-taken')
}

/** Who takes the order is answered by its row: an admin who pressed too late reads the name of the one who has it. */
async function takeInGroup(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const mine = { admin: chat.personId, bot: chat.bot.name }
  const refused = await refusalOf(() => takeService(chat.app, id, mine))
  chat.app.relay.kick()
  const service = await readService(chat.app.db, id)
  if (refused && service?.takenBy == null) throw refused
  const name = await nameInGroup(chat, service!.takenBy)
  return await decidedInGroup(chat, ['item-take'], (t) => t('group-taken', { name }))
}

async function ask(chat: Chat, input: string, [id = '']: string[]): Promise<void> {
  chat.session.awaiting = { input, args: [id] }
  await show(chat, { text: chat.t(`admin-${input}-ask`), keyboard: [back(chat, ['a-order', id])] })
}

async function deliver(chat: Chat, [id = '']: string[]): Promise<void> {
  const words = typedText(chat).trim()
  if (words === '' || words.length > LONGEST_RESULT)
    throw new UserError('item.text', { most: LONGEST_RESULT })
  await deliverService(chat.app, id, { admin: chat.personId, bot: chat.bot.name, words })
  await end(chat, id, 'admin-service-delivered')
}

async function refuse(chat: Chat, [id = '']: string[]): Promise<void> {
  const reason = shorten(typedText(chat).trim(), LONGEST_WHY)
  if (reason === '') throw new UserError('item.reason')
  await refuseService(chat.app, id, { admin: chat.personId, bot: chat.bot.name, reason })
  await end(chat, id, 'admin-service-refused')
}

async function end(chat: Chat, id: string, text: string): Promise<void> {
  chat.session.awaiting = undefined
  chat.app.relay.kick()
  await send(chat, {
    text: chat.t(text),
    keyboard: [[button(chat, chat.t('shelf-key-order'), ['a-order', id])]],
  })
}

/** A photo belongs to the bot that it was sent to. */
async function showPhotos(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const order = await readOrder(chat.app.db, id)
  const answers = order && (await answersOf(chat.app.db, await shelfSecrets(chat.app), id))
  if (!answers) throw new UserError('order.moved')
  if (order.bot !== chat.bot.name) return { alert: chat.t('admin-service-other-bot', { bot: order.bot }) }
  for (const [at, { type, name }] of answers.asks.entries())
    if (type === 'photo')
      await chat.ctx.api.sendPhoto(chatId(chat), answers.values[at]!, {
        caption: escapeHtml(`${itemOf(order).name}: ${name[chat.language]}`),
        parse_mode: 'HTML',
      })
}
