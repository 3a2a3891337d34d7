import { Migration } from '@mikro-orm/migrations'

/** Codes that the shop makes and that other systems accept once, and the scope that lets a key do so. */
export class CodesOfOwnGoods extends Migration {
  override up(): void {
    this.addSql(`
      create table shelf_codes (
        id bigint generated always as identity primary key,
        item_id bigint not null references shelf_items (id),
        order_id text not null references orders (id),
        print text not null,
        sealed bytea not null,
        state text not null default 'made' check (state in ('made', 'used', 'withdrawn')),
        made_at timestamptz not null default now(),
        used_at timestamptz,
        used_by text references bots (name),
        reference text,
        used_for text,
        reason text,
        check ((state = 'used') = (used_at is not null and used_by is not null and reference is not null))
      );
      create unique index shelf_codes_print_index on shelf_codes (print);
      create unique index shelf_codes_order_index on shelf_codes (order_id) where state <> 'withdrawn';
      create unique index shelf_codes_reference_index on shelf_codes (used_by, reference) where used_by is not null;
      create index shelf_codes_item_index on shelf_codes (item_id, state);
      alter table api_keys drop constraint api_keys_scopes_check;
      alter table api_keys add constraint api_keys_scopes_check
        check (scopes <@ array['read', 'write', 'sessions', 'codes'] and cardinality(scopes) > 0) not valid;
    `)
  }
}
