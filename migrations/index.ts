import { PeopleAndBots } from './0001-people-and-bots.ts'
import { Ledger } from './0002-ledger.ts'
import { Jobs } from './0003-jobs.ts'
import { PaymentsAndOrders } from './0004-payments-and-orders.ts'
import { Fragment } from './0010-fragment.ts'
import { Images } from './0011-images.ts'
import { PaymentProviders } from './0012-payment-providers.ts'
import { Admin } from './0040-admin.ts'
import { BalanceApi } from './0050-balance-api.ts'
import { Progress } from './0051-progress.ts'
import { PromoReferralsSubscriptions } from './0052-promo-referrals-subscriptions.ts'
import { WhatABonusWasFor } from './0053-what-a-bonus-was-for.ts'
import { Broadcasts } from './0041-broadcasts.ts'
import { Exports } from './0042-exports.ts'
import { JobsOfABot } from './0054-jobs-of-a-bot.ts'
import { MailingFees } from './0060-mailing-fees.ts'
import { PlusDrawsThree } from './0061-plus-draws-three.ts'
import { BotsAtRunTime } from './0062-bots-at-run-time.ts'
import { OrdersByDeadline } from './0063-orders-by-deadline.ts'
import { ExportsPartByPart } from './0064-exports-part-by-part.ts'
import { FollowUpsOfMailings } from './0065-follow-ups-of-mailings.ts'
import { BotsThatAreServed } from './0066-bots-that-are-served.ts'

/** In order; append only. The name is what the database remembers. */
export const migrations = [
  { name: '0001-people-and-bots', class: PeopleAndBots },
  { name: '0002-ledger', class: Ledger },
  { name: '0003-jobs', class: Jobs },
  { name: '0004-payments-and-orders', class: PaymentsAndOrders },
  { name: '0010-fragment', class: Fragment },
  { name: '0011-images', class: Images },
  { name: '0012-payment-providers', class: PaymentProviders },
  { name: '0040-admin', class: Admin },
  { name: '0050-balance-api', class: BalanceApi },
  { name: '0051-progress', class: Progress },
  { name: '0052-promo-referrals-subscriptions', class: PromoReferralsSubscriptions },
  { name: '0053-what-a-bonus-was-for', class: WhatABonusWasFor },
  { name: '0041-broadcasts', class: Broadcasts },
  { name: '0042-exports', class: Exports },
  { name: '0054-jobs-of-a-bot', class: JobsOfABot },
  { name: '0060-mailing-fees', class: MailingFees },
  { name: '0061-plus-draws-three', class: PlusDrawsThree },
  { name: '0062-bots-at-run-time', class: BotsAtRunTime },
  { name: '0063-orders-by-deadline', class: OrdersByDeadline },
  { name: '0064-exports-part-by-part', class: ExportsPartByPart },
  { name: '0065-follow-ups-of-mailings', class: FollowUpsOfMailings },
  { name: '0066-bots-that-are-served', class: BotsThatAreServed },
]
