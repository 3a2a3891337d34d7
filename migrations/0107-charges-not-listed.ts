import { Migration } from '@mikro-orm/migrations'

/** Every minute somebody looks for Stars that were credited and are in no list: those of the last days, not all. */
export class ChargesNotListed extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists payments_not_listed_index')
    this.addSql(`
      create index concurrently payments_not_listed_index on payments (bot, paid_at)
        where provider = 'stars' and state = 'paid' and listed_at is null`)
  }
}
