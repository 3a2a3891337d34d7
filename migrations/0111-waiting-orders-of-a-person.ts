import { Migration } from '@mikro-orm/migrations'

/**
 * Every update asks whether its person has an order that waits for money. Few people have one, and the index holds
 * only those.
 */
export class WaitingOrdersOfAPerson extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists orders_waiting_index')
    this.addSql(`
      create index concurrently orders_waiting_index on orders (person_id, bot, created_at)
        where state = 'awaiting_payment'`)
  }
}
