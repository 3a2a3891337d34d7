import { Migration } from '@mikro-orm/migrations'

/**
 * The check of 0190 finds postings and assets by their keys. With `not exists` PostgreSQL chose to read the whole table where
 * the table was empty when the connection began, and kept that plan while the table grew.
 */
export class EntriesAreCheckedByKey extends Migration {
  override up(): void {
    this.addSql(`
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
    `)
  }
}
