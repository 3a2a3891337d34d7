import { Migration } from '@mikro-orm/migrations'

/** Payments of a bot, a state or a vendor are listed without the walk through all that are newer. */
export class PaymentsOfAKind extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists payments_newest_index')
    this.addSql(
      `create index concurrently payments_newest_index on payments (bot, state, provider, created_at, id)`,
    )
  }
}
