import { Migration } from '@mikro-orm/migrations'

/** An owner's item that was bought as a gift: the first person who opens its link gets it, until a date. */
export class GiftsByLink extends Migration {
  override up(): void {
    this.addSql(`
      create table shelf_gifts (
        order_id text primary key references orders (id),
        hash text not null,
        due_at timestamptz not null,
        opened_by bigint references persons (id),
        ended_at timestamptz
      );
      create unique index shelf_gifts_hash_index on shelf_gifts (hash);
      create index shelf_gifts_open_index on shelf_gifts (due_at) where ended_at is null;
      create index shelf_gifts_opened_by_index on shelf_gifts (opened_by) where opened_by is not null;
    `)
  }
}
