import { Migration } from '@mikro-orm/migrations'

/**
 * Who has a page of the shop open. The table holds only the hash of the page's key. What Telegram signed opens one
 * session only, which the unique index on `signed` guarantees.
 */
export class WebSessions extends Migration {
  override up(): void {
    this.addSql(`
      create table web_sessions (
        key_hash text primary key,
        bot text not null references bots (name),
        person_id bigint not null references persons (id),
        signed text not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null
      )`)
    this.addSql(`create unique index web_sessions_signed on web_sessions (bot, signed)`)
    this.addSql(`create index web_sessions_expires on web_sessions (expires_at)`)
  }
}
