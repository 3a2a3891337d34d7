import { Migration } from '@mikro-orm/migrations'

/**
 * A session that an API key made proves nothing about its person, because a key can name anybody: whoever serves the bot
 * does not get to see them for it.
 */
export class ClaimedPeople extends Migration {
  override up(): void {
    this.addSql(`alter table bot_sessions add column claimed boolean not null default false`)
  }
}
