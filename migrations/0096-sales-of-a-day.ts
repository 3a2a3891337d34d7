import { Migration } from '@mikro-orm/migrations'

/** The index finds the sales of a day without reading the orders of other days. */
export class SalesOfADay extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists orders_delivered_index')
    this.addSql(`
      create index concurrently orders_delivered_index
        on orders (created_at) where state = 'delivered'`)
  }
}
