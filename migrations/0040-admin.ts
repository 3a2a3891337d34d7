import { Migration } from '@mikro-orm/migrations'

/** Roles, corrections of balances with four eyes, grouped alerts, banned persons, and the indexes of the search. */
export class Admin extends Migration {
  override up(): void {
    this.addSql(`
      create table admins (
        bot text not null references bots (name),
        person_id bigint not null references persons (id),
        role text not null check (role in ('read-only', 'support', 'admin', 'owner')),
        added_by bigint not null,
        added_at timestamptz not null default now(),
        primary key (bot, person_id)
      );
      create index admins_person_id_index on admins (person_id);

      alter table persons add column banned_at timestamptz, add column ban_reason text;

      -- A correction is stored before it is confirmed. Its id is the reference of its posting, so it moves money once.
      create table adjustments (
        id text primary key,
        bot text not null references bots (name),
        person_id bigint not null references persons (id),
        asset text not null references assets (code),
        amount bigint not null check (amount <> 0),
        reason text not null default '',
        state text not null default 'draft' check (state in ('draft', 'waiting', 'done', 'declined')),
        created_by bigint not null,
        decided_by bigint,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        -- Two different admins decide: nobody approves a correction that they asked for.
        constraint adjustments_two_people check (decided_by is null or state = 'declined' or decided_by <> created_by)
      );
      create index adjustments_person_id_index on adjustments (person_id, created_at);
      create index adjustments_waiting_index on adjustments (created_at) where state = 'waiting';
      create index adjustments_done_index on adjustments (created_by, updated_at) where state = 'done';

      -- Alerts for admins. Several alerts of one topic within minutes become one message.
      create table alerts (
        id bigint generated always as identity primary key,
        key text not null constraint alerts_key_unique unique,
        topic text not null,
        params jsonb not null default '{}',
        buttons jsonb not null default '[]',
        bots text[] not null,
        created_at timestamptz not null default now(),
        told_at timestamptz
      );
      create index alerts_untold_index on alerts (topic, id) where told_at is null;
      create index alerts_created_at_index on alerts (created_at);

      create index payments_provider_ref_index on payments (provider_ref);
      create index attempts_any_supplier_ref_index on attempts (supplier_ref);
      create index persons_username_prefix_index on persons (lower(username) text_pattern_ops);
      create index persons_first_name_prefix_index on persons (lower(first_name) text_pattern_ops);
    `)
  }
}
