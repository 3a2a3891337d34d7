import { sql as q } from 'kysely'
import { audit } from '#shared/audit.ts'
import type { Sql } from '#shared/db/db.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import type { Texts } from '#shared/i18n/texts.ts'
import { moneySql } from '#shared/money/tables.ts'
import type { Payment } from '#shared/money/tables.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { owe } from '#shared/queue/outbox.ts'
import { writeJson } from '#shared/storable.ts'
import { drawPayment } from './jobs.ts'
import { readPayment } from './payments.ts'

/** What admins ask for most; each has a text of its own in the person's language. */
export const MORE_WANTED = ['readable', 'whole', 'payer'] as const
export const WANTED_LENGTH = 300

interface Wanted {
  /** An entry of MORE_WANTED, or the admin's own words. */
  what: string
  by: string
}

/** What an admin waits for from the person; undefined = nothing, or it has come. */
export function wantedOf({ state, details }: Pick<Payment, 'state' | 'details'>): Wanted | undefined {
  return state === 'pending' ? ((details['wanted'] as Wanted | null | undefined) ?? undefined) : undefined
}

/** What the admin waits for, in the reader's words and in HTML. */
export const wantedWords = (t: (key: string) => string, { what }: Pick<Wanted, 'what'>): string =>
  isKnown(what) ? t(`request-wanted-${what}`) : escapeHtml(what)

const isKnown = (what: string): boolean => MORE_WANTED.some((one) => one === what)

/**
 * The request stays open, its person is told what is lacking, and its card says so until something has come.
 * @param ask.round names the asking: the same press handled twice asks once
 * @returns false when it is decided already
 */
export async function askForMore(
  tx: Sql,
  texts: Texts,
  ask: { paymentId: string; adminId: bigint; adminName: string; what: string; round: string },
): Promise<boolean> {
  const payment = await readPayment(tx, ask.paymentId, true)
  if (payment?.provider !== 'manual' || payment.state !== 'pending') return false
  await keepWanted(tx, payment.id, { what: ask.what, by: ask.adminName })
  await audit(tx, {
    actor: ask.adminId,
    action: 'request.more',
    target: `payment ${payment.id}`,
    bot: payment.bot,
    details: { wanted: ask.what },
  })
  if (payment.card) await owe(tx, drawPayment, { paymentId: payment.id, round: `wanted-${ask.round}` })
  const wanted = isKnown(ask.what)
    ? Object.fromEntries(LANGUAGES.map((one) => [one, texts.t(one, `request-wanted-${ask.what}`)]))
    : ask.what
  await owePersonNotice(tx, {
    key: `wanted-${payment.id}-${ask.round}`,
    bot: payment.bot,
    personId: payment.personId,
    text: 'request-wanted',
    params: {
      sum: { amount: payment.amount, asset: payment.asset },
      number: payment.id,
      wanted: wanted as string | Record<(typeof LANGUAGES)[number], string>,
    },
    buttons: [[['request-answer', 'request-answer', payment.id]]],
  })
  return true
}

/** The person has sent something, so the admin no longer waits. */
export const forgetWanted = (tx: Sql, paymentId: string): Promise<void> => keepWanted(tx, paymentId, null)

async function keepWanted(tx: Sql, id: string, wanted: Wanted | null): Promise<void> {
  await tx.rows(
    moneySql
      .updateTable('payments')
      .set({ details: q`details || ${writeJson({ wanted })}::jsonb` })
      .where('id', '=', id)
      .where('state', '=', 'pending'),
  )
}
