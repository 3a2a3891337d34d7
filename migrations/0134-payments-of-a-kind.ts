import { Migration } from '@mikro-orm/migrations'

/** The indexes list payments of a bot, a state or a vendor without reading all newer payments. */
export class PaymentsOfAKind extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists payments_newest_index')
    this.addSql(
      `create index concurrently payments_newest_index on payments (bot, state, provider, created_at, id)`,
    )
  }
}
