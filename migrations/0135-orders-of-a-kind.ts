import { Migration } from '@mikro-orm/migrations'

/** Orders of a bot, a state or a good are listed without the walk through all that are newer. */
export class OrdersOfAKind extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists orders_newest_index')
    this.addSql(`
      create index concurrently orders_newest_index on orders (bot, state, good, created_at, id) where state <> 'draft'`)
  }
}
