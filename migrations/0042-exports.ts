import { Migration } from '@mikro-orm/migrations'

/** Files that admins asked for, and the two functions that every line of the files goes through. */
export class Exports extends Migration {
  override up(): void {
    this.addSql(`
      create table exports (
        id text primary key,
        kind text not null,
        bot text not null references bots (name),
        admin_id bigint not null,
        language text not null,
        params jsonb not null default '{}',
        state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed')),
        rows bigint not null default 0,
        bytes bigint not null default 0,
        reason text,
        card jsonb,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create unique index exports_one_of_a_kind on exports (admin_id, kind) where state in ('queued', 'running');

      -- A spreadsheet runs a cell that begins with one of these characters (OWASP, "CSV Injection"); an apostrophe makes it text.
      create function csv_text(value text) returns text language sql immutable parallel safe
        return case when left(value, 1) in ('=', '+', '-', '@', E'\\t', E'\\r', E'\\n') then '''' || value else value end;

      -- Writes minor units as an exact decimal number.
      create function csv_money(amount bigint, scale smallint) returns text language sql immutable parallel safe
        return case when scale = 0 then amount::text
                    else round(amount::numeric / (10::numeric ^ scale), scale)::text end;
    `)
  }
}
