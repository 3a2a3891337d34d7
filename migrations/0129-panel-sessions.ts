import { Migration } from '@mikro-orm/migrations'

/**
 * The owners' panel in a browser: the links that open it, each valid for a minute and one browser, and the sessions.
 * Of a link's code and a session's key the tables hold only the hash.
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
        -- The session that the link has opened.
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
        -- When the admin last confirmed in the chat that the session is theirs.
        confirmed_at timestamptz,
        -- When the admin was last asked to confirm it.
        asked_at timestamptz
      )`)
    this.addSql(`create index panel_sessions_person_index on panel_sessions (person_id, bot)`)
    this.addSql(`create index panel_sessions_expires_index on panel_sessions (expires_at)`)
  }
}
