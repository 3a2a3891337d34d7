import { Migration } from '@mikro-orm/migrations'

/** The newcomers of a day are read without everybody else. */
export class NewcomersOfADay extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists bot_sessions_created_at_index')
    this.addSql(`
      create index concurrently bot_sessions_created_at_index
        on bot_sessions (created_at)`)
  }
}
