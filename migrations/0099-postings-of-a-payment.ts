import { Migration } from '@mikro-orm/migrations'

/** What was booked for a payment is found without reading the whole ledger. */
export class PostingsOfAPayment extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists postings_payment_index')
    this.addSql(`
      create index concurrently postings_payment_index
        on postings ((details ->> 'payment')) where details ? 'payment'`)
  }
}
