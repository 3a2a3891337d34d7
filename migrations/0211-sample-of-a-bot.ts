import { Migration } from '@mikro-orm/migrations'

/**
 * The index has the people of a bot in an order that says nothing about them, so any stretch of it is a fair sample of the
 * bot. A person of several bots stands at the same place in each.
 */
export class SampleOfABot extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists bot_sessions_sample_index')
    this.addSql(`
      create index concurrently bot_sessions_sample_index on bot_sessions (bot, hashint8(person_id))`)
  }
}
