import { Migration } from '@mikro-orm/migrations'

/** What people and admins write to each other, and the payment or order that a message is about. */
export class SupportMessages extends Migration {
  override up(): void {
    this.addSql(`
      create table support_messages (
        id text primary key,
        bot text not null,
        person_id bigint not null references persons (id),
        admin_id bigint,
        text text not null,
        file_id text,
        file_kind text check (file_kind in ('photo', 'document')),
        payment_id text references payments (id),
        order_id text references orders (id),
        created_at timestamptz not null default now()
      );
      create index support_messages_person_index on support_messages (person_id, bot, created_at);
      create index support_messages_created_index on support_messages (created_at);
    `)
  }
}
