import { Migration } from '@mikro-orm/migrations'

/** Jobs that were over before it was written down what a job is about: a story reads their texts, for a week. */
export class JobsOfWhichNobodyKnows extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists outbox_unread_index')
    this.addSql(`
      create index concurrently outbox_unread_index on outbox (updated_at)
        where state in ('done', 'dead') and about is null`)
  }
}
