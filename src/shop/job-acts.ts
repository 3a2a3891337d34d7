/**
 * What a job claims, which decides how much harm a forged job on a queue could do. `news` and `words` need our seal
 * to be believed, except the reseller's callback, about which the reseller is asked.
 *
 * - `tick`: the time has come; everything else is read from rows.
 * - `row`: names a row. The row says what is done, for whom and how much, so a forged job does at most what was owed
 * anyway.
 * - `news`: what Telegram or a vendor told a door that checked the sender. The handler asks the source, or believes
 * the job as far as the named row of the security table says.
 * - `words`: what a person is told.
 */
export type JobAct = 'tick' | 'row' | 'words' | { news: `F${number}` }

/** Every kind of job; a test compares the list with the catalogue and each line with the payload. */
export const jobActs: Readonly<Record<string, JobAct>> = {
  'telegram.update': { news: 'F79' },
  'telegram.checkout': { news: 'F79' },
  'telegram.inline': { news: 'F79' },
  'telegram.chat': { news: 'F79' },
  'stars.arrived': { news: 'F79' },
  'stars.paid': { news: 'F79' },
  'stars.refunded': { news: 'F79' },
  'payment.webhook': { news: 'F79' },
  'fragment.callback': { news: 'F3' },
  'image.callback': 'row',

  'notice.send': 'words',
  'admin.tell-alerts': 'row',
  'order.over': 'row',
  'card.former': 'row',

  'upkeep.clean-up': 'tick',
  'upkeep.prove-ledger': 'tick',
  'upkeep.admin-digest': 'tick',
  'upkeep.tell-others': 'tick',
  'upkeep.count-totals': 'tick',
  'upkeep.find-gains': 'tick',
  'upkeep.follow-ledger': 'tick',
  'upkeep.mark-places': 'tick',
  'upkeep.pay-referrals': 'tick',
  'upkeep.renew-subscriptions': 'tick',
  'upkeep.compare-daily': 'tick',
  'upkeep.expire': 'tick',
  'upkeep.look-after-shelf': 'tick',
  'upkeep.forget-messages': 'tick',
  'upkeep.poll-payments': 'tick',
  'upkeep.reconcile-stars': 'tick',
  'upkeep.close-bot': 'row',
  'image.check': 'tick',

  'export.run': 'row',
  'subscription.resume': 'row',
  'subscription.stop': 'row',
  'item.resume': 'row',
  'item.card': 'row',
  'item.door': 'row',
  'support.read': 'row',
  'broadcast.start': 'row',
  'broadcast.send': 'row',
  'broadcast.close': 'row',
  'payment.check': 'row',
  'payment.compare': 'row',
  'payment.card': 'row',
  'payment.charge': 'row',
  'payment.invoice': 'row',
  'payment.wallet': 'row',
  'payment.refund': 'row',
  'payment.refund-settled': 'row',
  'stars.refund': 'row',
  'image.next': 'row',
  'image.send': 'row',
  'image.resume': 'row',
  'image.show': 'row',
  'image.watch': 'row',
  'fragment.check': 'row',
  'fragment.decide': 'row',
  'fragment.fulfil': 'row',
  'fragment.resume': 'row',
  'fragment.watch': 'row',
  'order.card': 'row',
}
