import { Migration } from '@mikro-orm/migrations'

/** What one owner's bots give away within 24 hours: by decisions of their admins and by entries of their keys. */
export class MintedByOwner extends Migration {
  override up(): void {
    this.addSql(`alter table money_decisions add column minted bigint not null default 0`)
    this.addSql(`alter table api_key_hours add column minted bigint not null default 0`)
    // A bot that was added through another bot, and a project that got a key, belong to the same owner. A bucket of
    // a key counts as a whole until its last minute is 24 hours old.
    this.addSql(`
      create function minted_by_owner(bot_name text) returns bigint language sql stable as $$
        with family as (
          select name from bots where coalesce(home, name) =
            coalesce((select home from bots where name = bot_name), bot_name)
        )
        select least(
          (select coalesce(sum(d.minted), 0) from money_decisions d
           where d.minted > 0 and d.bot in (select name from family) and d.decided_at > now() - interval '24 hours')
          + (select coalesce(sum(h.minted), 0) from api_key_hours h join api_keys k on k.id = h.key_id
             where k.bot in (select name from family)
               and h.hour >= date_trunc('hour', now()) - interval '24 hours'),
          1000000000000000000)::bigint
      $$;
    `)
    // This function stands beside the one of 0101, which the version before still calls. Only entries of one key
    // wait for each other, so two keys of one owner may go beyond the owner's limit by one entry each.
    this.addSql(`
      create function count_key_entry(key text, moved bigint, given bigint, out of_key bigint, out of_owner bigint)
      language plpgsql as $$
      begin
        perform pg_advisory_xact_lock(hashtextextended('key ' || key, 0));
        insert into api_key_hours as h (key_id, hour, worth, minted) values (key, date_trunc('hour', now()), moved, given)
        on conflict (key_id, hour) do update set worth = least(h.worth + excluded.worth, 1000000000000000000),
          minted = least(h.minted + excluded.minted, 1000000000000000000);
        of_key := (select least(sum(worth), 1000000000000000000)::bigint from api_key_hours
          where key_id = key and hour >= date_trunc('hour', now()) - interval '24 hours');
        of_owner := case when given > 0
          then minted_by_owner((select bot from api_keys where id = key)) else 0 end;
      end $$;
    `)
  }
}
