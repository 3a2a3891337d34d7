import { Migration } from '@mikro-orm/migrations'

/** Jobs that were over before the column `about` came. A story reads their texts, for a week. */
export class JobsOfWhichNobodyKnows extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists outbox_unread_index')
    this.addSql(`
      create index concurrently outbox_unread_index on outbox (updated_at)
        where state in ('done', 'dead') and about is null`)
  }
}
