import { Migration } from '@mikro-orm/migrations'

/** The index finds the newcomers of a day without reading everybody else. */
export class NewcomersOfADay extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists bot_sessions_created_at_index')
    this.addSql(`
      create index concurrently bot_sessions_created_at_index
        on bot_sessions (created_at)`)
  }
}
