import { Migration } from '@mikro-orm/migrations'

/**
 * One statement plans a mailing as one row per recipient, numbered from 1, so that workers claim ranges of numbers
 * and never look at rows that are done. A lease says who works on a range. Leases are few and are deleted when their
 * range is done.
 */
export class Broadcasts extends Migration {
  override up(): void {
    this.addSql(`
      create table broadcasts (
        id text primary key,
        bot text not null references bots (name),
        created_by bigint not null,
        action text not null default 'send' check (action in ('send', 'delete', 'edit')),
        parent_id text references broadcasts (id),
        state text not null default 'draft'
          check (state in ('draft', 'scheduled', 'running', 'paused', 'done', 'cancelled')),
        contents jsonb not null default '{}',
        audience jsonb not null default '{}',
        options jsonb not null default '{}',
        start_at timestamptz,
        generation integer not null default 0,
        total integer not null default 0,
        next_number integer not null default 1,
        sent integer not null default 0,
        blocked integer not null default 0,
        failed integer not null default 0,
        uncertain integer not null default 0,
        reason text,
        card jsonb,
        drawn_at timestamptz,
        drawn_done integer not null default 0,
        rate real not null default 0,
        created_at timestamptz not null default now(),
        started_at timestamptz,
        finished_at timestamptz
      ) with (fillfactor = 50);
      create index broadcasts_created_at_index on broadcasts (created_at);
      create index broadcasts_parent_id_index on broadcasts (parent_id);

      create table broadcast_recipients (
        broadcast_id text not null references broadcasts (id),
        number integer not null,
        person_id bigint not null,
        bot text not null,
        language text not null,
        state text not null default 'planned' check (state in ('planned', 'sending', 'sent', 'blocked', 'failed',
          'uncertain', 'resent', 'deleted', 'edited')),
        message_ids integer[],
        reason text,
        primary key (broadcast_id, number)
      ) with (fillfactor = 70);
      create index broadcast_recipients_failures_index on broadcast_recipients (broadcast_id, number)
        where state in ('blocked', 'failed', 'uncertain');

      create table broadcast_leases (
        broadcast_id text not null references broadcasts (id),
        first integer not null,
        last integer not null,
        token text not null,
        until timestamptz not null,
        primary key (broadcast_id, first)
      );

      alter table bot_sessions add column mailings_off_at timestamptz;
      alter table persons add column is_premium boolean not null default false;
    `)
  }
}
