import { Migration } from '@mikro-orm/migrations'

/** The index finds the jobs of an old order among the jobs of a week. A job enters the index once, when it is over. */
export class JobsByWhatTheyAreAbout extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists outbox_about_index')
    this.addSql(`
      create index concurrently outbox_about_index on outbox using gin (about) with (fastupdate = off)
        where state in ('done', 'dead') and about <> '{}'`)
  }
}
