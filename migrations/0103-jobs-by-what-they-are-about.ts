import { Migration } from '@mikro-orm/migrations'

/** The story of an old order finds its jobs among those of a week. A job gets in once, when it is over. */
export class JobsByWhatTheyAreAbout extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists outbox_about_index')
    this.addSql(`
      create index concurrently outbox_about_index on outbox using gin (about) with (fastupdate = off)
        where state in ('done', 'dead') and about <> '{}'`)
  }
}
