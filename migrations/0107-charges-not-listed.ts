import { Migration } from '@mikro-orm/migrations'

/**
 * Upkeep looks every minute for Stars that were credited but are in no list of Telegram's. The index holds those of
 * the last days, not all payments.
 */
export class ChargesNotListed extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists payments_not_listed_index')
    this.addSql(`
      create index concurrently payments_not_listed_index on payments (bot, paid_at)
        where provider = 'stars' and state = 'paid' and listed_at is null`)
  }
}
