import { Migration } from '@mikro-orm/migrations'

/** The tables that selling Stars and Premium needs beside orders and attempts. */
export class Fragment extends Migration {
  override up(): void {
    this.addSql(`
      -- The sum that an attempt took from our wallet at the supplier; null until it is known.
      alter table attempts add column cost bigint check (cost >= 0);
      alter table attempts add column cost_asset text references assets (code);
      -- One purchase at a supplier settles one attempt of ours, whatever a callback says.
      create unique index attempts_supplier_ref_once on attempts (supplier, supplier_ref)
        where supplier_ref is not null;

      -- Why Stars and Premium are not for sale now; without a row they are for sale.
      create table sale_stops (
        reason text primary key,
        details text not null default '',
        since timestamptz not null default now(),
        until timestamptz,
        updated_by bigint
      );

      create table supplier_prices (
        supplier text primary key,
        prices jsonb not null,
        read_at timestamptz not null default now()
      );

      -- Our balance at the supplier over time. 'quiet': no purchase was under way while it was read, so that
      -- later readings can be explained to the last unit by the attempts in between.
      create table wallet_readings (
        id bigint generated always as identity primary key,
        supplier text not null,
        asset text not null references assets (code),
        balance bigint not null check (balance >= 0),
        quiet boolean not null,
        at timestamptz not null default now()
      );
      create index wallet_readings_index on wallet_readings (supplier, asset, id);

      create table premium_activations (
        order_id text primary key references orders (id),
        person_id bigint not null references persons (id),
        recipient text not null,
        months integer not null check (months in (3, 6, 12)),
        starts_at timestamptz not null,
        ends_at timestamptz not null,
        reminded_at timestamptz
      );
      create index premium_activations_person_index on premium_activations (person_id, ends_at);
      create index premium_activations_due_index on premium_activations (ends_at) where reminded_at is null;
      create index premium_activations_recipient_index on premium_activations (lower(recipient), ends_at);
    `)
  }
}
