import { Migration } from '@mikro-orm/migrations'

/** The index finds the postings of a payment without reading the whole ledger. */
export class PostingsOfAPayment extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists postings_payment_index')
    this.addSql(`
      create index concurrently postings_payment_index
        on postings ((details ->> 'payment')) where details ? 'payment'`)
  }
}
