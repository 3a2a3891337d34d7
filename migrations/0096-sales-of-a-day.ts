import { Migration } from '@mikro-orm/migrations'

/** The sales of a day are read from that day's orders. */
export class SalesOfADay extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists orders_delivered_index')
    this.addSql(`
      create index concurrently orders_delivered_index
        on orders (created_at) where state = 'delivered'`)
  }
}
