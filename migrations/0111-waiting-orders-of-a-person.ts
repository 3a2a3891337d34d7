import { Migration } from '@mikro-orm/migrations'

/** Every update asks whether the person has an order that waits for money: few do, and those are found by themselves. */
export class WaitingOrdersOfAPerson extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists orders_waiting_index')
    this.addSql(`
      create index concurrently orders_waiting_index on orders (person_id, bot, created_at)
        where state = 'awaiting_payment'`)
  }
}
