import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { newId } from '#shared/ids.ts'
import { namesOf } from '#shared/names-of-people.ts'
import { shorten } from '#shared/storable.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, chatId, show } from '#workers/bot/screen.ts'
import {
  botToAnswerIn,
  MESSAGE_LENGTH,
  messagesAbout,
  messagesOf,
  readMessage,
  writeToPerson,
} from '../messages.ts'
import type { MessageFile } from '../messages.ts'
import type { About } from '../tables.ts'

const SHOWN = 300

/** The message that an admin is about to send. The session keeps it between the preview and the yes. */
export interface Letter {
  id: string
  personId: string
  text: string
  about?: About
  file?: MessageFile
}

/**
 * An admin writes to a person: types the message, sees it as the person will see it, sends it, and is told that it
 * was sent.
 */
export const answers: Feature = {
  adminButtons: { 'a-write': askText, 'a-write-send': sendIt, 'a-write-file': showFile },
  adminInputs: { 'a-write': preview },
  minimumRole: { 'a-write': 'support', 'a-write-send': 'support', 'a-write-file': 'support' },
}

function aboutIn([kind, id = '']: readonly string[]): About | undefined {
  return kind === 'payment' || kind === 'order' ? { kind, id } : undefined
}

async function askText(chat: Chat, [id = '', ...things]: string[]): Promise<void> {
  chat.session.awaiting = { input: 'a-write', args: [id, ...things] }
  await show(chat, { text: chat.t('write-ask', { id }), keyboard: [back(chat, ['a-person', id])] })
}

async function preview(chat: Chat, [id = '', ...things]: string[]): Promise<void> {
  const text = (chat.ctx.message?.text ?? '').trim()
  if (text === '' || text.length > MESSAGE_LENGTH)
    throw new UserError('admin.message', { max: MESSAGE_LENGTH })
  const about = aboutIn(things)
  chat.session['letter'] = { id: newId(), personId: id, text, ...(about && { about }) } satisfies Letter
  chat.session.awaiting = undefined
  const seen = chat.t(about ? `written-about-${about.kind}` : 'written-by-support', {
    text: escapeHtml(text),
    number: about?.id ?? '',
  })
  const other = await answeredBefore(chat, BigInt(id), about)
  await show(chat, {
    text: [...other, chat.t('write-preview', { id }), seen].join('\n\n'),
    keyboard: [
      [button(chat, chat.t('write-send'), ['a-write-send', id], 'primary')],
      [button(chat, chat.t('write-again'), ['a-write', id, ...things])],
      back(chat, ['a-person', id]),
    ],
  })
}

/** What another admin wrote last, if the person has said nothing since: the admin sees it before answering as well. */
async function answeredBefore(chat: Chat, personId: bigint, about: About | undefined): Promise<string[]> {
  const { db } = chat.app
  const [last] = about
    ? await messagesAbout(db, [about.id], 1)
    : await messagesOf(db, personId, chat.bot.name, 1)
  if (!last || last.adminId === null || last.adminId === chat.personId) return []
  const nameOf = await namesOf(db, [last.adminId])
  const text = escapeHtml(shorten(last.text || '📎', SHOWN))
  return [
    chat.t('write-after', { name: escapeHtml(nameOf(last.adminId)), time: chat.when(last.createdAt), text }),
  ]
}

/** @param args the person, and the letter where the key stands below another message than the preview */
async function sendIt(chat: Chat, [id = '', wanted]: string[]): Promise<Answer> {
  const letter = chat.session['letter'] as Letter | undefined
  if (letter?.personId !== id || (wanted !== undefined && letter.id !== wanted)) return 'stale'
  const { about, text, file } = letter
  const personId = BigInt(id)
  const served = await chat.served('support')
  await chat.app.db.tx(async (tx) => {
    const bot = await botToAnswerIn(tx, { personId, about }, served, chat.bot.name)
    checkFileOf(chat, file, bot)
    await writeToPerson(tx, { id: letter.id, bot, personId, adminId: chat.personId, text, file, about })
  })
  chat.app.relay.kick()
  chat.session['letter'] = undefined
  await show(chat, {
    text: chat.t('write-sent', { id, text: escapeHtml(text) || '📎' }),
    keyboard: [[button(chat, chat.t('support-person'), ['a-person', id])], back(chat, 'admin')],
  })
}

/**
 * A file that one bot got means nothing to another one.
 * @throws UserError `group.elsewhere`
 */
export function checkFileOf(chat: Chat, file: MessageFile | undefined, bot: string): void {
  if (file && bot !== chat.bot.name) throw new UserError('group.elsewhere', { bot })
}

async function showFile(chat: Chat, [person = '', id = '']: string[]): Promise<Answer> {
  const message = await readMessage(chat.app.db, id)
  if (String(message?.personId) !== person || message?.bot !== chat.bot.name || !message.fileId)
    return 'stale'
  const { api } = chat.ctx
  await (message.fileKind === 'photo'
    ? api.sendPhoto(chatId(chat), message.fileId)
    : api.sendDocument(chatId(chat), message.fileId))
}
