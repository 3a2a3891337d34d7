import type { Message } from 'grammy/types'
import { sql as q } from 'kysely'
import { lockPerson } from '#shared/people.ts'
import { ago, eachOf } from '#shared/db/build.ts'
import type { Reads, Sql } from '#shared/db/db.ts'
import { endQuestion } from './questions.ts'
import { moneySql } from '#shared/money/tables.ts'
import { supportSql } from './tables.ts'
import type { About } from './tables.ts'
import { audit } from '#shared/audit.ts'
import { UserError } from '#shared/errors.ts'
import { owePersonNotice, oweTeamNotice } from '#shared/notices.ts'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import { hasBlocked } from '#shared/reachable.ts'
import { shorten } from '#shared/storable.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { MOST_BYTES } from '#shared/telegram/files.ts'

/*
 * A person and the admins of a bot write to each other through the bot, each message tied to the payment or the order
 * that it is about. An answer is offered below every message, on both sides.
 */

/** Messages of a person within an hour. Nobody needs more to explain a problem. */
const MOST_AN_HOUR = 10
/** The length of a person's message. A longer text has to come as two messages. */
export const MESSAGE_LENGTH = 2_000

/** Whether the payment or the order belongs to this person. A gift belongs also to the person who opened it. */
export async function isTheirs(sql: Sql, { kind, id }: About, personId: bigint): Promise<boolean> {
  const found =
    kind === 'payment'
      ? moneySql.selectFrom('payments').select('id').where('id', '=', id).where('person_id', '=', personId)
      : moneySql
          .selectFrom('orders')
          .select('id')
          .where('id', '=', id)
          .where(q<boolean>`(person_id = ${personId} or details ->> 'openedBy' = ${String(personId)})`)
  return (await sql.rows(found)).length > 0
}

/** What comes with the words; Telegram's id is of the bot of the message. */
export interface MessageFile {
  id: string
  kind: 'photo' | 'document'
}

export interface SupportMessage {
  id: string
  bot: string
  personId: bigint
  adminId: bigint | null
  text: string
  fileId: string | null
  fileKind: 'photo' | 'document' | null
  paymentId: string | null
  orderId: string | null
  waits: boolean
  readAt: Date | null
  cardMessageId: bigint | null
  createdAt: Date
}

const columns = [
  'id',
  'bot',
  'person_id as personId',
  'admin_id as adminId',
  'text',
  'file_id as fileId',
  'file_kind as fileKind',
  'payment_id as paymentId',
  'order_id as orderId',
  'waits',
  'read_at as readAt',
  'card_message_id as cardMessageId',
  'created_at as createdAt',
] as const

export async function readMessage(sql: Sql, id: string): Promise<SupportMessage | undefined> {
  const [found] = await sql.rows(
    supportSql.selectFrom('support_messages').select(columns).where('id', '=', id),
  )
  return found
}

/** What was written about these orders and payments, newest first. */
export function messagesAbout(sql: Reads, ids: readonly string[], limit: number): Promise<SupportMessage[]> {
  return sql.rows(
    supportSql
      .selectFrom(eachOf(ids))
      .innerJoinLateral(
        (are) =>
          are
            .selectFrom('support_messages')
            .select(columns)
            .where(q<boolean>`coalesce(order_id, payment_id) = asked.id`)
            .orderBy('created_at', 'desc')
            .limit(limit)
            .as('m'),
        (on) => on.onTrue(),
      )
      .selectAll('m')
      .orderBy('m.createdAt', 'desc')
      .orderBy('m.id')
      .limit(limit),
  )
}

/**
 * The bot that an answer goes through: the one in which the person wrote last, if its admin may write there.
 * @param here the bot in which the admin writes
 */
export async function botToAnswerIn(
  sql: Sql,
  { personId, about }: { personId: bigint; about?: About | undefined },
  served: Served,
  here: string,
): Promise<string> {
  const [last] = await sql.rows(
    supportSql
      .selectFrom('support_messages')
      .select('bot')
      .where('person_id', '=', personId)
      .where('admin_id', 'is', null)
      .where(q<boolean>`${among(q`bot`, served)}`)
      .where(about ? q<boolean>`coalesce(order_id, payment_id) = ${about.id}` : q<boolean>`true`)
      .orderBy('created_at', 'desc')
      .limit(1),
  )
  return last?.bot ?? here
}

/** The messages of a person and a bot, newest first. */
export function messagesOf(
  sql: Reads,
  personId: bigint,
  bot: string,
  limit: number,
): Promise<SupportMessage[]> {
  return sql.rows(
    supportSql
      .selectFrom('support_messages')
      .select(columns)
      .where('person_id', '=', personId)
      .where('bot', '=', bot)
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(limit),
  )
}

/** The last message of the admins to the person, if it is recent and the person has not answered it yet. */
export async function unanswered(
  sql: Sql,
  personId: bigint,
  bot: string,
  days: number,
): Promise<SupportMessage | undefined> {
  const [last] = await messagesOf(sql, personId, bot, 1)
  const isFresh = last && Date.now() - last.createdAt.getTime() < days * 86_400_000
  return isFresh && last.adminId !== null ? last : undefined
}

/** The last message of another admin to the person in this bot since then. */
export async function answeredBy(
  sql: Sql,
  { personId, bot, not, since }: { personId: bigint; bot: string; not: bigint; since: Date },
): Promise<SupportMessage | undefined> {
  const [last] = await sql.rows(
    supportSql
      .selectFrom('support_messages')
      .select(columns)
      .where('person_id', '=', personId)
      .where('bot', '=', bot)
      .where('admin_id', '<>', not)
      .where('created_at', '>=', since)
      .orderBy('created_at', 'desc')
      .limit(1),
  )
  return last
}

export const aboutOf = ({ paymentId, orderId }: SupportMessage): About | undefined =>
  paymentId ? { kind: 'payment', id: paymentId } : orderId ? { kind: 'order', id: orderId } : undefined

async function keep(
  tx: Sql,
  message: Pick<SupportMessage, 'id' | 'bot' | 'personId' | 'adminId' | 'text'> & {
    about?: About | undefined
    file?: MessageFile | undefined
  },
): Promise<boolean> {
  const { about, file } = message
  const rows = await tx.rows(
    supportSql
      .insertInto('support_messages')
      .values({
        id: message.id,
        bot: message.bot,
        person_id: message.personId,
        admin_id: message.adminId,
        text: message.text,
        file_id: file?.id ?? null,
        file_kind: file?.kind ?? null,
        payment_id: about?.kind === 'payment' ? about.id : null,
        order_id: about?.kind === 'order' ? about.id : null,
        waits: message.adminId === null,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id'),
  )
  return rows.length > 0
}

/** @throws UserError `support.file` when no bot may fetch a file of this size, so that no admin could look at it */
export function checkFile({ file_size: size }: { file_size?: number | undefined }): void {
  if (size !== undefined && size > MOST_BYTES)
    throw new UserError('support.file', { most: MOST_BYTES / 1024 / 1024 })
}

/** The photo or the file of a Telegram message. @throws UserError `support.file` */
export function attachedTo(message: Message | undefined): MessageFile | undefined {
  const photo = message?.photo?.at(-1)
  if (photo) return { id: photo.file_id, kind: 'photo' }
  if (!message?.document) return undefined
  checkFile(message.document)
  return { id: message.document.file_id, kind: 'document' }
}

/**
 * Stores a person's message and tells every admin of the bot who may answer, with a key to answer and a key to what
 * it is about. The same id again is the same message.
 * @throws UserError `support.too-many`
 */
export async function writeToSupport(
  tx: Sql,
  bot: ServedBot,
  message: {
    id: string
    personId: bigint
    name: string
    text: string
    file?: MessageFile | undefined
    about?: About | undefined
  },
): Promise<void> {
  const { id, personId, about, text, file } = message
  await lockPerson(tx, personId)
  const [earlier] = await tx.rows(
    supportSql
      .selectFrom('support_messages')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where('person_id', '=', personId)
      .where('admin_id', 'is', null)
      .where('id', '<>', id)
      .where('created_at', '>', ago(1, 'hour')),
  )
  if (earlier!.count >= BigInt(MOST_AN_HOUR)) throw new UserError('support.too-many', { most: MOST_AN_HOUR })
  if (!(await keep(tx, { id, bot: bot.name, personId, adminId: null, text, about, file }))) return
  const things = about ? [about.kind, about.id] : []
  await oweTeamNotice(
    tx,
    bot,
    { topic: 'support', minimum: 'support' },
    {
      key: `support-${id}`,
      text: about ? `support-from-about-${about.kind}` : 'support-from',
      params: { name: shorten(message.name, 64), id: String(personId), text, number: about?.id ?? '' },
      file,
      buttons: [
        [['support-answer', 'a-write', String(personId), ...things]],
        [['question-read', 'a-question-read', String(personId), id]],
        ...(file ? [[['support-file', 'a-write-file', String(personId), id]]] : []),
        ...(about ? [[[`support-open-${about.kind}`, `a-${about.kind}`, about.id]]] : []),
        [['support-person', 'a-person', String(personId)]],
      ],
    },
  )
}

/**
 * Sends an admin's message to a person, with a key to answer it, and closes what the person asked in that bot about the
 * same thing or none, up to the message `until`. The same id again is the same message.
 * @throws UserError `group.blocked` when the person would not get it
 */
export async function writeToPerson(
  tx: Sql,
  message: {
    id: string
    bot: string
    personId: bigint
    adminId: bigint
    text: string
    /** A file that this bot has, not another one. */
    file?: MessageFile | undefined
    about?: About | undefined
    /** The bot in whose group the other admins have seen the answer. */
    seenIn?: string
    until?: string
  },
): Promise<boolean> {
  const { id, bot, personId, adminId, text, file, about, seenIn, until } = message
  if (!(await keep(tx, message))) return false
  if (await hasBlocked(tx, { personId, bot })) throw new UserError('group.blocked')
  await endQuestion(tx, { personId, bot, thing: about?.id ?? '', until })
  await owePersonNotice(tx, {
    key: `written-${id}`,
    bot,
    personId,
    text: about ? `written-about-${about.kind}` : 'written-by-support',
    params: { text, number: about?.id ?? '' },
    file,
    buttons: [[['support-answer', 'support-reply', id]], [['menu-open', 'menu-below']]],
  })
  const inGroup = seenIn === bot ? false : text || '📎'
  await audit(tx, { actor: adminId, action: 'person.written', target: `person ${personId}`, bot, inGroup })
  return true
}
