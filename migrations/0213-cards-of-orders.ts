import { Migration } from '@mikro-orm/migrations'

/** A message that becomes a card is looked for among the orders of its person, who may have ten thousand. */
export class CardsOfOrders extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists orders_card_index')
    this.addSql(`
      create index concurrently orders_card_index on orders (person_id, (card -> 'messageId'))
        where card is not null`)
  }
}
