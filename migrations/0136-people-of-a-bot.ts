import { Migration } from '@mikro-orm/migrations'

/**
 * The people of a bot, and those of them who blocked it, newest first. One index serves both lists, because each
 * reads one or two stretches of it.
 */
export class PeopleOfABot extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists bot_sessions_newest_index')
    this.addSql(`
      create index concurrently bot_sessions_newest_index
        on bot_sessions (bot, (blocked_at is not null), created_at, person_id) where not claimed`)
  }
}
