import { Migration } from '@mikro-orm/migrations'

/**
 * Double entry. A posting is a set of entries that sums to zero per asset; entries belong to a person
 * (bucket available or held) or to a named system account. Wallets are the persons' cached balances and
 * change only through the trigger on entries. System accounts have no cached balance: no hot row.
 */
export class Ledger extends Migration {
  override up(): void {
    this.addSql(`
      create table assets (code text primary key, scale smallint not null check (scale between 0 and 18));
      insert into assets values
        ('RUB', 2), ('EUR', 2), ('USD', 2), ('USDT', 6), ('TON', 9), ('SOL', 9), ('TOK', 0), ('XTR', 0);

      create table wallets (
        person_id bigint not null references persons (id),
        asset text not null references assets (code),
        available bigint not null default 0,
        held bigint not null default 0,
        updated_at timestamptz not null default now(),
        primary key (person_id, asset),
        constraint wallets_never_below_zero check (available >= 0 and held >= 0)
      );

      create table postings (
        id bigint generated always as identity primary key,
        reference text not null check (length(reference) between 1 and 200),
        kind text not null,
        description text not null default '',
        bot text,
        details jsonb not null default '{}',
        digest text not null,
        created_at timestamptz not null default now(),
        constraint postings_reference_unique unique (reference)
      );
      create index postings_created_at_index on postings (created_at);

      create table entries (
        id bigint generated always as identity primary key,
        posting_id bigint not null references postings (id),
        person_id bigint references persons (id),
        system text,
        asset text not null references assets (code),
        bucket text not null default 'available' check (bucket in ('available', 'held')),
        amount bigint not null check (amount <> 0 and amount between -1000000000000000000 and 1000000000000000000),
        balance_after bigint,
        constraint entries_one_owner check (num_nonnulls(person_id, system) = 1),
        constraint entries_system_holds_nothing check (system is null or bucket = 'available')
      );
      create index entries_posting_id_index on entries (posting_id);
      create index entries_person_index on entries (person_id, asset, id) where person_id is not null;
      create index entries_system_index on entries (system, asset) include (amount) where system is not null;

      -- The wallet follows its entries in the same statement. An update first, because an upsert would check
      -- the row it proposes to insert, and a debit alone is below zero.
      create function entry_moves_wallet() returns trigger language plpgsql as $$
      declare
        to_available bigint := case when new.bucket = 'available' then new.amount else 0 end;
        to_held bigint := case when new.bucket = 'held' then new.amount else 0 end;
      begin
        if new.person_id is null then
          return new;
        end if;
        loop
          update wallets
            set available = available + to_available, held = held + to_held, updated_at = now()
            where person_id = new.person_id and asset = new.asset
            returning available + held into new.balance_after;
          exit when found;
          insert into wallets (person_id, asset) values (new.person_id, new.asset) on conflict do nothing;
        end loop;
        return new;
      end $$;
      create trigger entry_moves_wallet before insert on entries
        for each row execute function entry_moves_wallet();

      -- All entries of a posting arrive in one statement, so a check per statement sees the whole posting.
      create function posting_sums_to_zero() returns trigger language plpgsql as $$
      begin
        if exists (select from fresh_entries group by posting_id, asset having sum(amount) <> 0) then
          raise exception 'a posting must sum to zero in each asset' using errcode = 'check_violation',
            constraint = 'posting_sums_to_zero';
        end if;
        return null;
      end $$;
      create trigger posting_sums_to_zero after insert on entries
        referencing new table as fresh_entries
        for each statement execute function posting_sums_to_zero();

      create trigger entries_append_only before update or delete or truncate on entries
        for each statement execute function refuse_change();
      create trigger postings_append_only before update or delete or truncate on postings
        for each statement execute function refuse_change();

      create function wallet_follows_entries() returns trigger language plpgsql as $$
      begin
        if pg_trigger_depth() < 2 then
          raise exception 'a balance changes only through ledger entries' using errcode = 'restrict_violation';
        end if;
        return coalesce(new, old);
      end $$;
      create trigger wallet_follows_entries before insert or update or delete on wallets
        for each row execute function wallet_follows_entries();
      create trigger wallets_not_truncated before truncate on wallets
        for each statement execute function refuse_change();

      create table holds (
        reference text primary key,
        person_id bigint not null references persons (id),
        asset text not null references assets (code),
        amount bigint not null check (amount > 0),
        state text not null default 'open' check (state in ('open', 'captured', 'released')),
        expires_at timestamptz,
        created_at timestamptz not null default now(),
        settled_at timestamptz
      );
      create index holds_person_id_index on holds (person_id);
      create index holds_open_index on holds (expires_at) where state = 'open';
    `)
  }
}
