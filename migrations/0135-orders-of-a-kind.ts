import { Migration } from '@mikro-orm/migrations'

/** The indexes list orders of a bot, a state or a good without reading all newer orders. */
export class OrdersOfAKind extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists orders_newest_index')
    this.addSql(`
      create index concurrently orders_newest_index on orders (bot, state, good, created_at, id) where state <> 'draft'`)
  }
}
