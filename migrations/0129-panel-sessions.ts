import { Migration } from '@mikro-orm/migrations'

/**
 * The owners' panel in a browser: the links that open it, each for a minute and one browser, and who has it open. Of a
 * link's code and of a session's key only the hash is kept.
 */
export class PanelSessions extends Migration {
  override up(): void {
    this.addSql(`
      create table panel_links (
        code_hash text primary key,
        bot text not null references bots (name),
        person_id bigint not null references persons (id),
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        -- The session that it has opened.
        opened text
      )`)
    this.addSql(`create index panel_links_expires_index on panel_links (expires_at)`)
    this.addSql(`
      create table panel_sessions (
        id bigint generated always as identity primary key,
        key_hash text not null unique,
        bot text not null references bots (name),
        person_id bigint not null references persons (id),
        browser text not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        -- When its admin last said in the chat that it is they.
        confirmed_at timestamptz,
        -- When they were last asked to.
        asked_at timestamptz
      )`)
    this.addSql(`create index panel_sessions_person_index on panel_sessions (person_id, bot)`)
    this.addSql(`create index panel_sessions_expires_index on panel_sessions (expires_at)`)
  }
}
