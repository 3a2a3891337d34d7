import { InputFile } from 'grammy'
import type { Message } from 'grammy/types'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { openFile } from '#shared/telegram/files.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, chatId, send, show } from '#workers/bot/screen.ts'
import { claimUpload, endUpload, fileIn, soldFile, ownFileId } from '../files.ts'
import type { ItemFile } from '../files.ts'
import { fillFile } from '../filling.ts'
import { itemById, showItemPage } from './admin-item.ts'

/** Admins: the file that every buyer of an item gets. */
export const adminItemFile: Feature = {
  adminButtons: { 'a-item-file': ask },
  adminInputs: { 'a-item-file': take },
  // The message is deleted from the chat, so that somebody who reads the admin's messages later does not get the goods.
  secretInputs: ['a-item-file'],
}

async function ask(chat: Chat, [id = '']: string[]): Promise<void> {
  await itemById(chat, id)
  chat.session.awaiting = { input: 'a-item-file', args: [id] }
  await show(chat, { text: chat.t('admin-item-file-ask'), keyboard: [back(chat, ['a-item', id])] })
}

async function take(chat: Chat, [id = '']: string[]): Promise<void> {
  await fillFile(chat, await itemById(chat, id), fileIn(chat.ctx.message))
  await showItemPage(chat, id)
}

/**
 * Sends the file below the purchase, only at the buyer's press, so it may be sent several times but never by itself.
 */
export async function sendItemFile(chat: Chat, itemId: bigint): Promise<void> {
  const { app, bot } = chat
  const file = await soldFile(app.db, itemId)
  if (!file) return
  const own = await ownFileId(app.db, file, bot.name)
  if (own !== undefined) return void (await sendAs(chat, file, own))
  if (!(await claimUpload(app.db, file, bot.name))) {
    await send(chat, { text: chat.t('shelf-file-soon') })
    return
  }
  let fileId: string | undefined
  try {
    fileId = idIn(await sendAs(chat, file, new InputFile(await bytesOf(chat, file), file.name)))
  } finally {
    // An upload that fails here is repeated at the next press; an upload that was cut off can be repeated after two
    // minutes.
    await endUpload(app.db, file, bot.name, fileId)
  }
}

async function bytesOf({ app }: Chat, file: ItemFile): Promise<Uint8Array> {
  const source = app.bots.get(file.bot)
  if (!source) throw new UserError('item.file-elsewhere')
  const parts: Uint8Array[] = []
  const from = { fileId: file.fileId!, size: Number(file.size) }
  for await (const part of await openFile(app, source, from)) parts.push(part)
  return Buffer.concat(parts)
}

function sendAs(chat: Chat, { type, name }: ItemFile, what: string | InputFile): Promise<Message> {
  const more = { caption: escapeHtml(name), parse_mode: 'HTML' as const }
  const { api } = chat.ctx
  if (type === 'photo') return api.sendPhoto(chatId(chat), what, more)
  if (type === 'video') return api.sendVideo(chatId(chat), what, more)
  return api.sendDocument(chatId(chat), what, more)
}

const idIn = ({ document, video, photo }: Message): string | undefined =>
  (document ?? video ?? photo?.at(-1))?.file_id
