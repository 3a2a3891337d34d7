import { Migration } from '@mikro-orm/migrations'

/** A message that becomes a card is looked for among the payments of its person, who may have ten thousand. */
export class CardsOfPayments extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists payments_card_index')
    this.addSql(`
      create index concurrently payments_card_index on payments (person_id, (card -> 'messageId'))
        where card is not null`)
  }
}
