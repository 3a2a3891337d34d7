import { Migration } from '@mikro-orm/migrations'

/** A person's newest operations are read from the end of their own: with 100 thousand of them all were read. */
export class HistoryOfAPerson extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists entries_person_posting_index')
    this.addSql(`
      create index concurrently entries_person_posting_index
        on entries (person_id, posting_id, asset) include (amount, bucket)
        where person_id is not null`)
  }
}
