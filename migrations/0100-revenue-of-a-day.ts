import { Migration } from '@mikro-orm/migrations'

/** The index finds the payments of a day, which are its revenue. */
export class RevenueOfADay extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists payments_paid_at_index')
    this.addSql(`
      create index concurrently payments_paid_at_index
        on payments (paid_at) where state in ('paid', 'overpaid')`)
  }
}
