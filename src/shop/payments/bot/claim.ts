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
  const card = { chatId, messageId }
  await app.db.tx(async (tx) => {
    // By hand: a card is found by what its json holds. Messages of another bot have numbers of their own.
    await tx.rows(q`
      update payments p set card = null from payments own
      where own.id = ${paymentId} and p.id <> own.id and p.person_id = own.person_id and p.bot = own.bot
        and p.card @> ${writeJson(card)}::jsonb`)
    await setPaymentCard(tx, paymentId, card)
  })
}
