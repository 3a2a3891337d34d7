import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { ago } from '#shared/db/build.ts'
import { moneySql } from '#shared/money/tables.ts'
import { checkPayment } from './jobs.ts'

/** A payer can make us ask the provider about one payment at most this often. */
export const ASK_SECONDS = 30

/** The payer says "I have paid", so the provider is asked now. @returns false when it was asked a moment ago */
export async function askNow(
  { db, producer }: Pick<Context, 'db' | 'producer'>,
  paymentId: string,
): Promise<boolean> {
  const [allowed] = await db.rows(
    moneySql
      .updateTable('payments')
      .set({ details: q`details || jsonb_build_object('tappedAt', now())` })
      .where('id', '=', paymentId)
      .where(q`coalesce((details->>'tappedAt')::timestamptz, 'epoch')`, '<', ago(ASK_SECONDS, 'second'))
      .returning(ago(0, 'second').as('at')),
  )
  if (!allowed) return false
  await producer.add(checkPayment, { paymentId, round: `tap${allowed.at.getTime()}` })
  return true
}
