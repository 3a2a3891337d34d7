import { mustReach } from '#shared/acts.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { idFrom } from '#shared/ids.ts'
import { moneySql } from '#shared/money/tables.ts'
import { namesOf } from '#shared/names-of-people.ts'
import { lockPerson } from '#shared/people.ts'
import { shorten } from '#shared/storable.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import type { SaidInGroup, Subject } from '#workers/bot/said-in-group.ts'
import {
  answeredBy,
  botToAnswerIn,
  attachedTo,
  MESSAGE_LENGTH,
  readMessage,
  writeToPerson,
} from '../messages.ts'
import type { MessageFile, SupportMessage } from '../messages.ts'
import type { About } from '../tables.ts'
import { checkFileOf } from './answers.ts'
import type { Letter } from './answers.ts'

/** With a photo or a file Telegram takes 1024 characters, some of which the bot needs for its own words. */
const CAPTION_LENGTH = 900
const SHOWN = 300

/**
 * An admin answers a message of the bot in the admins' group: a question goes back to whoever asked, at once. What is
 * written below another alert goes to its buyer only after one more key, because admins may be talking about it.
 */
export const answersInGroup: Feature = { inGroup: answer }

async function answer(chat: Chat, said: SaidInGroup): Promise<void> {
  const { group, message, subject, isEdited } = said
  const id = idFrom('answer-in-group', chat.bot.name, group, message.message_id)
  const text = (message.text ?? message.caption ?? '').trim()
  if (isEdited) {
    const sent = await readMessage(chat.app.db, id)
    if (sent && sent.text !== text) await said.say(chat.t('group-answer-edited'))
    return
  }
  if (!subject) throw new UserError('group.nobody')
  const file = attachedTo(message)
  checkWords(text, file)
  await mustReach(chat, subject.of, subject.id, { minimum: 'support' })
  const whom = await toWhom(chat.app.db, subject)
  if (!whom) throw new UserError('group.nobody')
  const letter = { id, personId: String(whom.personId), text, ...whom.about, ...(file && { file }) }
  if (subject.route !== 'a-write') return await askFirst(chat, said, letter, chat.t('group-answer-ask'))
  const other = await send(chat, said, { ...letter, personId: whom.personId })
  if (other) return await askFirst(chat, said, letter, await answeredWords(chat, other))
  chat.app.relay.kick()
  await confirm(chat, said)
}

/** @throws UserError `group.kind`, `admin.message` */
function checkWords(text: string, file: MessageFile | undefined): void {
  if ((text === '' && !file) || text.startsWith('/')) throw new UserError('group.kind')
  const max = file ? CAPTION_LENGTH : MESSAGE_LENGTH
  if (text.length > max) throw new UserError('admin.message', { max })
}

async function toWhom(
  sql: Sql,
  { of, id, args }: Subject,
): Promise<{ personId: bigint; about: { about?: About } } | undefined> {
  if (of === 'person') {
    const [, kind, thing = ''] = args
    const about = kind === 'payment' || kind === 'order' ? { about: { kind, id: thing } as const } : {}
    return { personId: BigInt(id), about }
  }
  const table = of === 'order' ? 'orders' : 'payments'
  const [row] = await sql.rows(
    moneySql.selectFrom(table).select('person_id as personId').where('id', '=', id),
  )
  return row && { personId: row.personId, about: { about: { kind: of, id } } }
}

/** @returns what another admin wrote meanwhile: then nothing is sent */
async function send(
  chat: Chat,
  { to }: SaidInGroup,
  { id, personId, text, about, file }: Omit<Letter, 'personId'> & { personId: bigint },
): Promise<SupportMessage | undefined> {
  const served = await chat.served('support')
  return await chat.app.db.tx(async (tx) => {
    // Two admins who answer at the same moment wait for each other here.
    await lockPerson(tx, personId)
    if (await readMessage(tx, id)) return undefined
    const bot = await botToAnswerIn(tx, { personId, about }, served, chat.bot.name)
    checkFileOf(chat, file, bot)
    const since = new Date(to.date * 1000)
    const other = await answeredBy(tx, { personId, bot, not: chat.personId, since })
    const seenIn = chat.bot.name
    if (!other)
      await writeToPerson(tx, { id, bot, personId, adminId: chat.personId, text, file, about, seenIn })
    return other
  })
}

async function answeredWords(chat: Chat, other: SupportMessage): Promise<string> {
  const nameOf = await namesOf(chat.app.db, [other.adminId])
  return chat.t('group-answer-again', {
    name: escapeHtml(nameOf(other.adminId)),
    time: chat.when(other.createdAt),
    text: escapeHtml(shorten(other.text || '📎', SHOWN)),
  })
}

/** The admin's own session keeps the letter, so that the key below works for nobody else. */
async function askFirst(chat: Chat, said: SaidInGroup, letter: Letter, words: string): Promise<void> {
  chat.session['letter'] = letter
  await said.say(words, [[chat.t('group-answer-send'), 'a-write-send', letter.personId, letter.id]])
}

/** Says that the person gets it, by a reaction: it rings no phone and takes no place in the topic. */
async function confirm(chat: Chat, { group, message, say }: SaidInGroup): Promise<void> {
  try {
    await chat.ctx.api.setMessageReaction(group, message.message_id, [{ type: 'emoji', emoji: '👌' }])
  } catch (error) {
    chat.log.info({ err: error }, 'the group takes no reaction')
    await say(chat.t('group-answer-sent'))
  }
}
