import { Migration } from '@mikro-orm/migrations'

/** Channels and groups that an item lets its buyers into, and the people who may be there, each until a date. */
export class AccessToChats extends Migration {
  override up(): void {
    this.addSql(`
      create table shelf_chats (
        item_id bigint primary key references shelf_items (id),
        bot text not null,
        chat_id bigint not null,
        title text not null,
        link text not null,
        lost_at timestamptz,
        checked_at timestamptz not null default now()
      );
      create index shelf_chats_chat_index on shelf_chats (chat_id);
      create table shelf_accesses (
        order_id text primary key references orders (id),
        item_id bigint not null references shelf_items (id),
        bot text not null,
        chat_id bigint not null,
        person_id bigint not null references persons (id),
        from_at timestamptz not null,
        until_at timestamptz,
        asked_at timestamptz,
        joined_at timestamptz,
        warned_at timestamptz,
        ended_at timestamptz,
        out_at timestamptz,
        tries integer not null default 0,
        try_at timestamptz not null default now()
      );
      create index shelf_accesses_person_index on shelf_accesses (person_id, chat_id);
      create index shelf_accesses_until_index on shelf_accesses (until_at) where ended_at is null;
      create index shelf_accesses_in_index on shelf_accesses (chat_id) where joined_at is null and ended_at is null;
      create index shelf_accesses_try_index on shelf_accesses (try_at)
        where out_at is null and (ended_at is not null or asked_at is not null);
    `)
  }
}
