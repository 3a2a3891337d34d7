import { Migration } from '@mikro-orm/migrations'

/** What only orders for pictures have. State, price and money are in the order. */
export class Images extends Migration {
  override up(): void {
    this.addSql(`
      create table generations (
        order_id text primary key references orders (id),
        person_id bigint not null references persons (id),
        bot text not null references bots (name),
        provider text not null,
        model text not null,
        aspect text not null,
        -- The prompt, cut at 1,000 characters once the order is over; Telegram sends at most 4,096.
        prompt text not null default '' check (length(prompt) <= 4096),
        -- Telegram file ids of the person's photos, valid in this bot.
        photos jsonb not null default '[]',
        stage text not null default 'draft' check (stage in
          ('draft', 'queued', 'starting', 'drawing', 'ready', 'done', 'failed', 'late', 'cancelled')),
        free boolean not null default false,
        result_url text,
        reason text,
        detail text,
        queued_at timestamptz,
        started_at timestamptz,
        deadline_at timestamptz,
        ready_at timestamptz,
        finished_at timestamptz,
        -- Until this moment only one worker may deliver the picture.
        lease_until timestamptz
      );
      create index generations_bot_index on generations (bot);
      create index generations_person_id_index on generations (person_id, queued_at);
      create index generations_queued_index on generations (queued_at) where stage = 'queued';
      create index generations_running_index on generations (person_id)
        where stage in ('starting', 'drawing', 'ready');
      create index generations_finished_at_index on generations (finished_at);

      -- A file id is valid only in the bot that got it.
      create table generation_files (
        order_id text not null references generations (order_id),
        bot text not null references bots (name),
        kind text not null check (kind in ('photo', 'document')),
        file_id text not null,
        primary key (order_id, bot, kind)
      );
      create index generation_files_bot_index on generation_files (bot);

      create table refused_prompts (
        id bigint generated always as identity primary key,
        person_id bigint not null references persons (id),
        bot text not null references bots (name),
        prompt text not null,
        refused_by text not null check (refused_by in ('words', 'provider')),
        why text not null default '',
        created_at timestamptz not null default now()
      );
      create index refused_prompts_person_id_index on refused_prompts (person_id);
      create index refused_prompts_bot_index on refused_prompts (bot);

      -- One task belongs to one order, whatever a callback claims.
      create unique index attempts_image_task_unique on attempts (supplier, supplier_ref)
        where supplier like 'images:%';
      create index attempts_recent_index on attempts (supplier, created_at);
    `)
  }
}
