import { Migration } from '@mikro-orm/migrations'

/** A person is a Telegram id. Data that differ from bot to bot are in bot_sessions, never in persons. */
export class PeopleAndBots extends Migration {
  override up(): void {
    this.addSql(`
      create table persons (
        id bigint primary key check (id > 0),
        username text,
        first_name text not null default '',
        last_name text,
        language text,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create index persons_username_index on persons (lower(username));

      create table bots (
        name text primary key check (name ~ '^[a-z0-9][a-z0-9_-]{0,31}$'),
        telegram_id bigint unique,
        username text,
        first_name text,
        state text not null default 'active' check (state in ('active', 'paused', 'parked')),
        state_reason text,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );

      create table bot_sessions (
        bot text not null references bots (name),
        person_id bigint not null references persons (id),
        language text,
        blocked_at timestamptz,
        start_param text,
        session_data jsonb not null default '{}',
        stats_data jsonb not null default '{}',
        version integer not null default 1,
        created_at timestamptz not null default now(),
        last_seen_at timestamptz not null default now(),
        primary key (bot, person_id)
      );
      create index bot_sessions_person_id_index on bot_sessions (person_id);

      create table bot_files (
        bot text not null references bots (name),
        key text not null,
        file_id text not null,
        created_at timestamptz not null default now(),
        primary key (bot, key)
      );

      -- Telegram repeats an update until it gets 200. A row here means that the update was handled to the end.
      create table handled_updates (
        bot text not null references bots (name),
        update_id bigint not null,
        handled_at timestamptz not null default now(),
        primary key (bot, update_id)
      );
      create index handled_updates_handled_at_index on handled_updates (handled_at);

      create table settings (
        bot text not null default '',
        key text not null,
        value jsonb not null,
        version integer not null default 1,
        updated_by bigint,
        updated_at timestamptz not null default now(),
        primary key (bot, key)
      );
      create table settings_history (
        id bigint generated always as identity primary key,
        bot text not null,
        key text not null,
        value jsonb,
        version integer not null,
        updated_by bigint,
        updated_at timestamptz not null default now()
      );
      create index settings_history_key_index on settings_history (bot, key, version);

      create table secrets (
        name text primary key,
        ciphertext bytea not null,
        expires_at timestamptz,
        updated_at timestamptz not null default now()
      );

      create table audit_log (
        id bigint generated always as identity primary key,
        at timestamptz not null default now(),
        bot text,
        actor_id bigint,
        action text not null,
        target text not null default '',
        details jsonb not null default '{}'
      );
      create index audit_log_target_index on audit_log (target, id);
      create index audit_log_actor_index on audit_log (actor_id, id);

      create function refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception '% rows are never changed or deleted', tg_table_name using errcode = 'restrict_violation';
      end $$;
      create trigger audit_log_append_only before update or delete or truncate on audit_log
        for each statement execute function refuse_change();
    `)
  }
}
