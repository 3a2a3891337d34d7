import { createHash } from 'node:crypto'
import { paymentsSql } from './tables.ts'
import { sql as q } from 'kysely'
import type { Message } from 'grammy/types'
import type { Sql } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { oweTeamNotice } from '#shared/notices.ts'
import { shorten } from '#shared/storable.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { recordEvent } from './events.ts'
import { forgetWanted, wantedOf } from './more-wanted.ts'
import { movePayment, readPayment } from './payments.ts'

/** What a person shows for a transfer by hand. The first row is in `payment_proofs`, what came after it beside it. */
export interface RequestProof {
  kind: 'photo' | 'document' | 'text'
  /** Telegram's id of a file is the same in every bot and chat; of a text, its digest without spaces. */
  fingerprint: string
  /** A second fingerprint of the same file, if the file has one. */
  also?: string
  fileId: string | null
  /** The words of a text, or the caption of a file. */
  text: string | null
}

/** An album has ten; whoever sends more than this is not showing a receipt. */
const MOST_PROOFS = 20
/** Rows that show something; the others hold the second fingerprint of a file. */
const SHOWN = q<boolean>`(file_id is not null or text is not null)`
/** Admins hear once in this time that more has come. */
const SERIES_MS = 5 * 60_000

/** A number of a transfer has more digits than this; many people write "paid, thanks" without any. */
const FEW_DIGITS = 3
/** Marks words that say nothing about a transfer, which are no sign that two requests show one receipt. */
const WORDS = 'words-'

/** The same words are the same proof, whatever the spaces and the case. */
export function textProof(text: string): RequestProof {
  const plain = text.toLowerCase().replace(/\s+/g, '')
  const digest = createHash('sha256').update(plain).digest('base64url')
  const fingerprint = plain.replace(/\D+/g, '').length > FEW_DIGITS ? digest : `${WORDS}${digest}`
  return { kind: 'text', fingerprint, fileId: null, text: shorten(text, 1000) }
}

/** A photo or a file of any kind (banks send PDFs), with what is written below it. */
export function fileProof(message: Message | undefined): RequestProof | undefined {
  const { photo, document, caption } = message ?? {}
  const file = photo?.at(-1) ?? document
  if (!file) return undefined
  return {
    kind: photo ? 'photo' : 'document',
    fingerprint: file.file_unique_id,
    fileId: file.file_id,
    text: caption ? shorten(caption, 1000) : null,
  }
}

/** Keeps the proofs and hands the request to the admins of its bot. @returns false when it waits for no proof */
export async function submitProof(
  tx: Sql,
  bot: ServedBot,
  paymentId: string,
  [first, ...more]: readonly [RequestProof, ...RequestProof[]],
): Promise<boolean> {
  const payment = await movePayment(tx, paymentId, 'pending', { from: ['created'] })
  if (!payment) return false
  await tx.rows(
    paymentsSql.insertInto('payment_proofs').values({
      payment_id: paymentId,
      kind: first.kind,
      fingerprint: first.fingerprint,
      file_id: first.fileId,
      text: first.text,
    }),
  )
  await keepAlso(tx, paymentId, first)
  for (const one of more) await keepFurther(tx, paymentId, one)
  await recordEvent(tx, {
    provider: 'manual',
    eventId: `proof-${paymentId}`,
    kind: 'proof',
    paymentId,
    payload: { kind: first.kind },
  })
  const twins = await sameProof(tx, paymentId)
  await tellAdmins(tx, bot, payment, twins.length > 0 ? 'alert-request-duplicate' : 'alert-request', {
    twins,
  })
  return true
}

/**
 * Keeps what came after the proof. The admins are told, except about the rest of an album: that comes within a moment,
 * and they find it on the request's page; a file that another request came with is always told.
 * @returns false when nobody waits for it: the request is decided, or was never handed in
 */
export async function addProof(
  tx: Sql,
  bot: ServedBot,
  paymentId: string,
  proof: RequestProof,
  ofAlbum: boolean,
): Promise<boolean> {
  const payment = await readPayment(tx, paymentId, true)
  if (payment?.provider !== 'manual' || payment.state !== 'pending') return false
  const before = new Set(await sameProof(tx, paymentId))
  if (!(await keepFurther(tx, paymentId, proof))) return true
  const wanted = wantedOf(payment)
  if (wanted) await forgetWanted(tx, paymentId)
  const twins = (await sameProof(tx, paymentId)).filter((id) => !before.has(id))
  if (twins.length > 0) {
    const about = { twins, about: proof.fingerprint }
    await tellAdmins(tx, bot, payment, 'alert-request-duplicate', about)
  } else if (wanted || !ofAlbum) {
    // What comes in a row is one message, unless an admin has asked for it: the request's page shows all of it.
    const about = wanted ? proof.fingerprint : `more-${Math.floor(Date.now() / SERIES_MS)}`
    await tellAdmins(tx, bot, payment, 'alert-request-more', { twins, about })
  }
  return true
}

/** @returns `known` when this proof is there already, `full` when no more are kept */
export async function roomForProof(
  sql: Sql,
  paymentId: string,
  fingerprint: string,
): Promise<'room' | 'known' | 'full'> {
  const of = (table: 'payment_proofs' | 'further_proofs') =>
    paymentsSql
      .selectFrom(table)
      .select(['fingerprint', q<boolean>`${SHOWN}`.as('shown')])
      .where('payment_id', '=', paymentId)
  const rows = await sql.rows(of('payment_proofs').unionAll(of('further_proofs')))
  if (rows.some((one) => one.fingerprint === fingerprint)) return 'known'
  return rows.filter(({ shown }) => shown).length < MOST_PROOFS ? 'room' : 'full'
}

/** Keeps the other fingerprint of a file in a row of its own, which shows nothing. */
async function keepAlso(tx: Sql, paymentId: string, { kind, also }: RequestProof): Promise<void> {
  if (also === undefined) return
  await tx.rows(
    paymentsSql
      .insertInto('further_proofs')
      .values({ payment_id: paymentId, fingerprint: also, kind, file_id: null, text: null })
      .onConflict((there) => there.doNothing()),
  )
}

/** @returns false when it is there already, or there are too many */
async function keepFurther(tx: Sql, paymentId: string, proof: RequestProof): Promise<boolean> {
  // By hand: what is kept already and how many they are is asked where the row is written.
  const rows = await tx.rows(q`
    insert into further_proofs (payment_id, fingerprint, kind, file_id, text)
    select ${paymentId}, ${proof.fingerprint}, ${proof.kind}, ${proof.fileId}::text, ${proof.text}::text
    where not exists (select 1 from payment_proofs
        where payment_id = ${paymentId} and fingerprint = ${proof.fingerprint})
      and (select count(*) from further_proofs where payment_id = ${paymentId} and ${SHOWN}) < ${MOST_PROOFS - 1}
    on conflict do nothing returning 1 as kept`)
  if (rows.length > 0) await keepAlso(tx, paymentId, proof)
  return rows.length > 0
}

async function tellAdmins(
  tx: Sql,
  bot: ServedBot,
  payment: Payment,
  text: 'alert-request' | 'alert-request-duplicate' | 'alert-request-more',
  { twins, about }: { twins: string[]; about?: string },
): Promise<void> {
  const key = ['request', payment.id, ...(about ? [about] : [])].join('-')
  await oweTeamNotice(
    tx,
    bot,
    { topic: 'requests', minimum: 'admin' },
    {
      key,
      text,
      params: {
        sum: { amount: payment.amount, asset: payment.asset },
        person: String(payment.personId),
        number: payment.id,
        twins: twins.join(', '),
      },
      buttons: [[['request-open', 'request', payment.id]]],
    },
  )
}

/** Other requests that came with one of the same files, or with the same words about a transfer. */
export async function sameProof(sql: Sql, paymentId: string): Promise<string[]> {
  const of = (table: 'payment_proofs' | 'further_proofs') =>
    paymentsSql.selectFrom(table).select(['payment_id', 'fingerprint', 'created_at'])
  const mine = (table: 'payment_proofs' | 'further_proofs') =>
    paymentsSql.selectFrom(table).select('fingerprint').where('payment_id', '=', paymentId)
  const rows = await sql.rows(
    paymentsSql
      .selectFrom(of('payment_proofs').unionAll(of('further_proofs')).as('proofs'))
      .innerJoin(
        mine('payment_proofs').union(mine('further_proofs')).as('mine'),
        'mine.fingerprint',
        'proofs.fingerprint',
      )
      .select('payment_id as id')
      .where('payment_id', '<>', paymentId)
      .where('mine.fingerprint', 'not like', `${WORDS}%`)
      .groupBy('payment_id')
      .orderBy((all) => all.fn.min('created_at'))
      .limit(5),
  )
  return rows.map(({ id }) => id)
}

/** The proofs of a request, in the order in which they came. */
export async function readProofs(sql: Sql, paymentId: string): Promise<RequestProof[]> {
  const of = (table: 'payment_proofs' | 'further_proofs', place: number) =>
    paymentsSql
      .selectFrom(table)
      .select([q.lit(place).as('place'), 'created_at', 'kind', 'fingerprint', 'file_id as fileId', 'text'])
      .where('payment_id', '=', paymentId)
  return sql.rows(
    paymentsSql
      .selectFrom(of('payment_proofs', 0).unionAll(of('further_proofs', 1).where(SHOWN)).as('proofs'))
      .select(['kind', 'fingerprint', 'fileId', 'text'])
      .orderBy('place')
      .orderBy('created_at'),
  )
}
