import { Migration } from '@mikro-orm/migrations'

/** What owners sell of their own: categories, items, and the lines of an item's stock. */
export class Shelf extends Migration {
  override up(): void {
    this.addSql(`
      create table shelf_categories (
        id bigint generated always as identity primary key,
        parent_id bigint references shelf_categories (id),
        name jsonb not null,
        retired boolean not null default false
      );
      create table shelf_items (
        id bigint generated always as identity primary key,
        kind text not null,
        category_id bigint references shelf_categories (id),
        name jsonb not null,
        description jsonb not null default '{}',
        picture text,
        asset text not null references assets (code),
        price bigint not null check (price > 0),
        prices jsonb not null default '{}',
        bots text[],
        per_person integer check (per_person > 0),
        sold_from timestamptz,
        sold_until timestamptz,
        low integer not null default 5 check (low >= 0),
        content bytea,
        refills integer not null default 0,
        retired boolean not null default false,
        created_by bigint not null,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create index shelf_items_category_index on shelf_items (category_id, id) where not retired;
      create table shelf_lines (
        id bigint generated always as identity primary key,
        item_id bigint not null references shelf_items (id),
        sealed bytea not null,
        print text not null,
        upload text not null,
        state text not null default 'free' check (state in ('free', 'reserved', 'sold', 'withdrawn')),
        order_id text references orders (id),
        reserved_until timestamptz,
        sold_at timestamptz,
        reason text
      );
      create unique index shelf_lines_print_index on shelf_lines (item_id, print);
      create unique index shelf_lines_order_index on shelf_lines (order_id) where state in ('reserved', 'sold');
      create index shelf_lines_free_index on shelf_lines (item_id, id) where state = 'free';
      create index shelf_lines_reserved_index on shelf_lines (reserved_until) where state = 'reserved';
    `)
  }
}
