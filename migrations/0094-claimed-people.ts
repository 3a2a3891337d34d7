import { Migration } from '@mikro-orm/migrations'

/**
 * A session that an API key made proves nothing about its person, because a key can name anybody. So admins of the
 * bot do not see a person because of such a session.
 */
export class ClaimedPeople extends Migration {
  override up(): void {
    this.addSql(`alter table bot_sessions add column claimed boolean not null default false`)
  }
}
