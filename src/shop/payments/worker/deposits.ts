import { moneySql } from '#shared/money/tables.ts'
import { formatAmount } from '#shared/money.ts'
import { post } from '#shared/money/ledger.ts'
import { operatorsOf, oweAdminAlert, owePersonNotice } from '#shared/notices.ts'
import { recordEvent } from '../events.ts'
import { createPayment, movePayment } from '../payments.ts'
import { idFrom } from '#shared/ids.ts'
import { paymentsSql } from '../tables.ts'
import type { PaymentProvider, Reading } from '../providers/port.ts'
import type { HeedContext } from './context.ts'

/**
 * Coins came to a permanent address. They become a payment of their own, as large as what came, and the provider's id
 * of the transfer is its key. Coins for an address that nobody has are kept as an orphan for the admins.
 */
export async function heedDeposit(
  context: HeedContext,
  provider: PaymentProvider,
  reading: Reading,
): Promise<void> {
  if (reading.state !== 'paid' && reading.state !== 'overpaid') return
  await context.db.tx(async (tx) => {
    const [wallet] = await tx.rows(
      paymentsSql
        .selectFrom('deposit_wallets')
        .select(['person_id as personId', 'bot'])
        .where('provider', '=', provider.name)
        .where('reference', '=', reading.reference ?? ''),
    )
    const event = {
      provider: provider.name,
      eventId: `deposit-${reading.invoice}`,
      payload: storyOf(reading),
    }
    const { received } = reading
    if (!wallet || !received || received.amount <= 0n) {
      const fresh = await recordEvent(tx, { ...event, kind: 'orphan' })
      const params = { number: reading.invoice, provider: provider.name, status: reading.status }
      const key = `deposit-${reading.invoice}`
      if (fresh)
        await oweAdminAlert(tx, operatorsOf(context.bots), { key, text: 'alert-payment-orphan', params })
      return
    }
    const id = idFrom('deposit', provider.name, reading.invoice)
    const { asset, amount } = received
    await createPayment(tx, {
      id,
      ...wallet,
      provider: provider.name,
      asset,
      amount,
      creditAsset: asset,
      creditAmount: amount,
      details: { deposit: true, sent: reading.sent },
    })
    const moved = await movePayment(tx, id, 'paid', {
      providerRef: reading.invoice,
      receivedAsset: asset,
      receivedAmount: formatAmount(amount, asset),
    })
    if (!moved) return
    await recordEvent(tx, { ...event, kind: 'deposit', paymentId: id })
    await tx.rows(moneySql.updateTable('payments').set({ booked: amount }).where('id', '=', id))
    await post(tx, {
      reference: `payment-${id}-${amount}`,
      kind: 'deposit',
      description: provider.name,
      bot: wallet.bot,
      details: { payment: id, provider: provider.name },
      entries: [
        { owner: { system: `provider:${provider.name}` }, asset, amount: -amount },
        { owner: { person: wallet.personId }, asset, amount },
      ],
    })
    await owePersonNotice(tx, {
      key: `deposit-${id}`,
      ...wallet,
      text: 'deposit-notice',
      params: { credited: received, number: id },
      buttons: [[['menu-open', 'menu-below']]],
    })
  })
}

function storyOf(reading: Reading): object {
  return {
    status: reading.status,
    reference: reading.reference,
    sent: reading.sent,
    received: reading.received && formatAmount(reading.received.amount, reading.received.asset),
  }
}
