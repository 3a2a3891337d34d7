import { Migration } from '@mikro-orm/migrations'

/** Who came to a bot, and who of them has blocked it, newest first. One index for both: each list reads one or two places of it. */
export class PeopleOfABot extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists bot_sessions_newest_index')
    this.addSql(`
      create index concurrently bot_sessions_newest_index
        on bot_sessions (bot, (blocked_at is not null), created_at, person_id) where not claimed`)
  }
}
