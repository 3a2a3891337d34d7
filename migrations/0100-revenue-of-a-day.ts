import { Migration } from '@mikro-orm/migrations'

/** The revenue of a day is read from that day's payments. */
export class RevenueOfADay extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists payments_paid_at_index')
    this.addSql(`
      create index concurrently payments_paid_at_index
        on payments (paid_at) where state in ('paid', 'overpaid')`)
  }
}
