import { Migration } from '@mikro-orm/migrations'

/**
 * The index holds a person's operations in order, so that the newest are read from its end. Without it a person's
 * 100 thousand operations were all read.
 */
export class HistoryOfAPerson extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists entries_person_posting_index')
    this.addSql(`
      create index concurrently entries_person_posting_index
        on entries (person_id, posting_id, asset) include (amount, bucket)
        where person_id is not null`)
  }
}
