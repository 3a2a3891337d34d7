import { Migration } from '@mikro-orm/migrations'

/**
 * The same promises of the ledger for less work. Postings and assets are never changed or deleted, so one check for all
 * entries of a statement, the one that adds them up, also sees whether they are there; a foreign key looked for each entry
 * apart and locked the row that it found, the row of an asset for all postings of the shop. That a person is there is asked
 * by the foreign key of the wallet, without which no entry of a person is added.
 *
 * The check looks postings and assets up by their keys. With `not exists` PostgreSQL chose to read the whole table where the
 * table was empty when the connection began, and kept that plan while the table grew.
 */
export class OneCheckOfEntries extends Migration {
  override up(): void {
    this.addSql(`
      -- allow lock: for a moment, and in the order in which a posting locks them, so that none is ended as a deadlock
      lock table assets, persons, postings, entries, wallets in access exclusive mode;

      -- allow trigger: only migrations write assets
      create trigger assets_append_only before update or delete or truncate on assets
        for each statement execute function refuse_change();

      create or replace function posting_sums_to_zero() returns trigger language plpgsql as $$
      declare wrong record;
      begin
        select e.posting_id, e.asset, e.amount into wrong
        from (select posting_id, asset, sum(amount) as amount from fresh_entries group by posting_id, asset) e
        where e.amount <> 0
          or (select p.id from public.postings p where p.id = e.posting_id) is null
          or (select a.code from public.assets a where a.code = e.asset) is null
        limit 1;
        if not found then
          return null;
        elsif wrong.amount <> 0 then
          raise exception 'a posting must sum to zero in each asset' using errcode = 'check_violation',
            constraint = 'posting_sums_to_zero';
        end if;
        raise exception 'entries name the posting % and the asset %, and one of them does not exist', wrong.posting_id,
          wrong.asset using errcode = 'foreign_key_violation', constraint = 'entries_name_what_exists';
      end $$;
      alter table entries drop constraint entries_posting_id_fkey, drop constraint entries_asset_fkey,
        drop constraint entries_person_id_fkey;
    `)
  }
}
