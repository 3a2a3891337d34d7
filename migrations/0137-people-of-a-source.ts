import { Migration } from '@mikro-orm/migrations'

/** The people who came by a link, newest first. */
export class PeopleOfASource extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists bot_sessions_source_index')
    this.addSql(`
      create index concurrently bot_sessions_source_index
        on bot_sessions (bot, start_param, (blocked_at is not null), created_at, person_id) where not claimed and start_param is not null`)
  }
}
