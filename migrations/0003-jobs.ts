import { Migration } from '@mikro-orm/migrations'

/**
 * Jobs that a transaction owes. The row, not the queue, says whether a job is finished: owed -> queued -> done, or
 * dead with a reason. A job that is queued for too long is owed again, so an empty Redis is refilled from here. Dead
 * letters of jobs that came straight from a door are kept here too.
 */
export class Jobs extends Migration {
  override up(): void {
    this.addSql(`
      create table outbox (
        id bigint generated always as identity primary key,
        key text not null,
        job text not null,
        payload jsonb not null,
        state text not null default 'owed' check (state in ('owed', 'queued', 'done', 'dead')),
        run_at timestamptz not null default now(),
        enqueued integer not null default 0,
        reason text,
        trace text,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        constraint outbox_key_unique unique (key)
      ) with (fillfactor = 80);
      -- How far a scheduled job has read a list, such as Telegram's list of payments.
      create table cursors (name text primary key, value text not null, updated_at timestamptz not null default now());

      create index outbox_owed_index on outbox (id) where state = 'owed';
      create index outbox_queued_index on outbox (updated_at) where state = 'queued';
      create index outbox_dead_index on outbox (updated_at) where state = 'dead';
      create index outbox_done_index on outbox (updated_at) where state = 'done';
    `)
  }
}
