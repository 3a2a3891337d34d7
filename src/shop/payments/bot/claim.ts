import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { writeJson } from '#shared/storable.ts'
import { setPaymentCard } from '../payments.ts'

/** The message that shows a payment; two payments never share one. */
export async function claimCard(
  app: Pick<Context, 'db'>,
  paymentId: string,
  chatId: number,
  messageId: number,
): Promise<void> {
  // By hand: a card is found by what its json holds.
  await app.db.rows(q`
    update payments set card = null
    where card @> ${writeJson({ chatId, messageId })}::jsonb and id <> ${paymentId}
      and person_id = (select person_id from payments where id = ${paymentId})`)
  await setPaymentCard(app.db, paymentId, { chatId, messageId })
}
