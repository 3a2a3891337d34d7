import { Migration } from '@mikro-orm/migrations'

/**
 * Services: what an item of this kind has to know besides, and what a buyer filled in for the admin who does the
 * work.
 */
export class Services extends Migration {
  override up(): void {
    this.addSql(`
      alter table shelf_items add column terms jsonb;
      create table shelf_services (
        order_id text primary key references orders (id),
        item_id bigint not null references shelf_items (id),
        bot text not null references bots (name),
        answers bytea not null,
        due_at timestamptz,
        told text not null default 'nothing' check (told in ('nothing', 'new', 'late')),
        taken_by bigint,
        result bytea,
        ended_at timestamptz
      );
      create index shelf_services_open_index on shelf_services (due_at)
        where ended_at is null and due_at is not null;
    `)
  }
}
