import { UserError } from '#shared/errors.ts'
import type { Order } from '#shared/money/tables.ts'
import { openFile } from '#shared/telegram/files.ts'
import { shorten } from '#shared/storable.ts'
import { typedText } from '#workers/bot/chat.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, send, show } from '#workers/bot/screen.ts'
import { refundItem, replaceBought } from '../endings.ts'
import { fillingWords, fillStock, fillText } from '../filling.ts'
import { stock } from '../kinds/stock.ts'
import { itemActs, LONGEST_WHY } from '../order-acts.ts'
import { itemById, showItemPage } from './admin-item.ts'

/** Admins: what buyers of an item get, and the keys for a purchase that went wrong. */
export const adminStock: Feature = {
  adminButtons: {
    'a-item-stock': (chat, args) => ask(chat, 'a-item-stock', 'admin-item-stock-ask', args),
    'a-item-text': (chat, args) => ask(chat, 'a-item-text', 'admin-item-text-ask', args),
    'item-back': (chat, args) => askWhy(chat, 'item-back', args),
    'item-replace': (chat, args) => askWhy(chat, 'item-replace', args),
  },
  adminInputs: {
    'a-item-stock': takeLines,
    'a-item-text': takeText,
    'item-back': giveBack,
    'item-replace': replace,
  },
  // The message is sealed at the door and deleted from the chat, so that somebody who reads the admin's messages later
  // does not get the goods.
  secretInputs: ['a-item-stock', 'a-item-text'],
  admin: { order: ofOrder },
}

async function ask(chat: Chat, input: string, text: string, [id = '']: string[]): Promise<void> {
  await itemById(chat, id)
  chat.session.awaiting = { input, args: [id] }
  await show(chat, { text: chat.t(text), keyboard: [back(chat, ['a-item', id])] })
}

/** Lines as text or in a file of any size that Telegram lets a bot read; the file is read as a stream. */
async function takeLines(chat: Chat, [id = '']: string[]): Promise<void> {
  const item = await itemById(chat, id)
  if (item.kind !== stock.name) throw new UserError('item.gone')
  const document = chat.ctx.message?.document
  const typed = typedText(chat)
  if (!document && typed.trim() === '') throw new UserError('item.no-lines')
  const chunks = document
    ? decoded(await openFile(chat.app, chat.bot, { fileId: document.file_id, size: document.file_size }))
    : [typed]
  const update = chat.ctx.update.update_id
  const done = await fillStock(chat, item, { upload: `${chat.bot.name}-${update}`, chunks })
  await showItemPage(chat, id, fillingWords(chat, done))
}

async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}

/** The text of an item that every buyer gets. Earlier buyers see the new text. */
async function takeText(chat: Chat, [id = '']: string[]): Promise<void> {
  const item = await itemById(chat, id)
  await fillText(chat, item, typedText(chat))
  await showItemPage(chat, id)
}

/** The keys for a purchase on the order's page. */
async function ofOrder(chat: Chat, order: Order) {
  const acts = itemActs(order, undefined)
  if (!acts.includes('give-back')) return {}
  return {
    rows: [
      [
        button(chat, chat.t('shelf-key-give-back'), ['item-back', order.id], 'danger'),
        ...(acts.includes('replace')
          ? [button(chat, chat.t('shelf-key-replace'), ['item-replace', order.id])]
          : []),
      ],
    ],
  }
}

async function askWhy(chat: Chat, input: string, [id = '']: string[]): Promise<void> {
  chat.session.awaiting = { input, args: [id] }
  await show(chat, { text: chat.t(`admin-${input}-ask`), keyboard: [back(chat, ['a-order', id])] })
}

function reasonOf(chat: Chat): string {
  const reason = typedText(chat).trim()
  if (reason === '') throw new UserError('item.reason')
  return shorten(reason, LONGEST_WHY)
}

async function giveBack(chat: Chat, [id = '']: string[]): Promise<void> {
  const by = { admin: chat.personId, bot: chat.bot.name, reason: reasonOf(chat) }
  const done = await refundItem(chat.app, id, by)
  await end(chat, id, done === 'second-needed' ? 'decision-second' : 'admin-item-back-done')
}

async function replace(chat: Chat, [id = '']: string[]): Promise<void> {
  const by = { admin: chat.personId, bot: chat.bot.name, reason: reasonOf(chat) }
  const done = await replaceBought(chat.app, id, by)
  await end(chat, id, done === 'second-needed' ? 'decision-second' : 'admin-item-replace-done')
}

async function end(chat: Chat, id: string, text: string): Promise<Answer> {
  chat.session.awaiting = undefined
  chat.app.relay.kick()
  await send(chat, {
    text: chat.t(text),
    keyboard: [[button(chat, chat.t('shelf-key-order'), ['a-order', id])]],
  })
}
