import { Migration } from '@mikro-orm/migrations'

/**
 * Counts that are asked for and would read everybody: whom a bot's mailings can reach, by the language chosen there ('' =
 * none), and who has a plan. Triggers write what each change adds, so that the version before counts as well, and nobody
 * waits for another one at a sum: the upkeep worker adds the changes up. It also begins: a count from one view of all rows,
 * less the changes in that view, is what there was before the triggers, however late it is made. So no lock is held while
 * everybody is counted.
 */
export class KeptCounts extends Migration {
  override up(): void {
    this.addSql(`
      create table kept_counts (
        what text not null,
        whose text not null,
        kind text not null default '',
        value bigint not null,
        primary key (what, whose, kind)
      );
      create table count_changes (
        id bigint generated always as identity primary key,
        what text not null,
        whose text not null,
        kind text not null default '',
        value bigint not null
      );

      create function session_is_counted() returns trigger language plpgsql
        security definer set search_path = pg_catalog, public, pg_temp as $$
      begin
        if tg_op <> 'INSERT' and old.blocked_at is null and old.mailings_off_at is null then
          insert into public.count_changes (what, whose, kind, value)
            values ('reachable', old.bot, coalesce(old.language, ''), -1);
        end if;
        if tg_op <> 'DELETE' and new.blocked_at is null and new.mailings_off_at is null then
          insert into public.count_changes (what, whose, kind, value)
            values ('reachable', new.bot, coalesce(new.language, ''), 1);
        end if;
        return null;
      end $$;
      -- allow trigger: the version before gets its people counted, too, and nothing is asked of it
      create trigger session_is_counted after insert or delete on bot_sessions
        for each row execute function session_is_counted();
      -- allow trigger: as above; the end of an update sets none of these columns and does not meet it
      create trigger session_is_counted_again after update of bot, language, blocked_at, mailings_off_at on bot_sessions
        for each row when (
          (old.bot, old.language, old.blocked_at is null and old.mailings_off_at is null)
            is distinct from (new.bot, new.language, new.blocked_at is null and new.mailings_off_at is null))
        execute function session_is_counted();

      create function subscriber_is_counted() returns trigger language plpgsql
        security definer set search_path = pg_catalog, public, pg_temp as $$
      begin
        if tg_op <> 'INSERT' and old.state <> 'ended' then
          insert into public.count_changes (what, whose, value) values ('subscribers', old.plan, -1);
        end if;
        if tg_op <> 'DELETE' and new.state <> 'ended' then
          insert into public.count_changes (what, whose, value) values ('subscribers', new.plan, 1);
        end if;
        return null;
      end $$;
      -- allow trigger: as above
      create trigger subscriber_is_counted after insert or delete on subscriptions
        for each row execute function subscriber_is_counted();
      -- allow trigger: as above
      create trigger subscriber_is_counted_again after update of state, plan on subscriptions
        for each row when ((old.plan, old.state <> 'ended') is distinct from (new.plan, new.state <> 'ended'))
        execute function subscriber_is_counted();

      -- One statement, and so one view of everything. Two that begin at once come to the same numbers.
      create function begin_counts() returns void language sql as $$
        insert into kept_counts (what, whose, kind, value)
        select what, whose, kind, sum(value) from (
          select 'reachable' as what, bot as whose, coalesce(language, '') as kind, count(*) as value
            from bot_sessions where blocked_at is null and mailings_off_at is null group by 2, 3
          union all
          select 'subscribers', plan, '', count(*) from subscriptions where state <> 'ended' group by 2
          union all
          select what, whose, kind, -value from count_changes
          union all
          select 'begun', '', '', 1
        ) counted
        group by what, whose, kind having sum(value) <> 0
        on conflict do nothing
      $$;

      -- The story of a payment looks for its refunds, also for those that were refused.
      create index payment_refunds_payment_index on payment_refunds (payment_id)
        -- allow index: refunds are few, and ten thousand of them take 20 ms
    `)
  }
}
