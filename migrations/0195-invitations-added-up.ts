import { Migration } from '@mikro-orm/migrations'

/**
 * The report of invitations is read from sums that follow each invitation and each reward, and no longer from all of them.
 * Triggers write the sums, so that the version before counts as well. No payment waits for another one at a sum: each
 * change is a row of its own, and the upkeep worker adds the rows up. The bot '' stands for all bots together.
 */
export class InvitationsAddedUp extends Migration {
  override up(): void {
    this.addSql(`
      create table invitation_counts (
        bot text not null,
        inviter_id bigint not null,
        invited integer not null,
        paying integer not null,
        primary key (bot, inviter_id)
      );
      -- Who was invited and has a reward of the first level that was not taken away.
      create table paying_guests (person_id bigint primary key);
      create table invitation_sums (
        bot text not null,
        what text not null,
        asset text not null,
        value bigint not null,
        primary key (bot, what, asset)
      );
      create table invitation_changes (
        id bigint generated always as identity primary key,
        bot text not null,
        what text not null,
        asset text not null default '',
        value bigint not null
      );

      create function count_guest(of_bot text, of_inviter bigint, guests integer, payers integer) returns void
        language plpgsql as $$
      declare
        place text;
        total integer;
      begin
        -- Always in this order, so that two that count for one inviter do not lock each other.
        foreach place in array array['', of_bot] loop
          insert into invitation_counts as c (bot, inviter_id, invited, paying) values (place, of_inviter, guests, payers)
            on conflict (bot, inviter_id) do update
              set invited = c.invited + excluded.invited, paying = c.paying + excluded.paying
            returning c.invited into total;
          insert into invitation_changes (bot, what, value)
            select place, w.what, w.value
            from (values ('invited', guests), ('paying', payers),
              ('inviters', case when guests > 0 and total = guests then 1 else 0 end)) w (what, value)
            where w.value <> 0;
        end loop;
      end $$;

      create function invitation_is_counted() returns trigger language plpgsql
        security definer set search_path = pg_catalog, public, pg_temp as $$
      begin
        perform public.count_guest(new.bot, new.inviter_id, 1, 0);
        return null;
      end $$;
      -- allow trigger: the version before gets its invitations counted, too, and nothing is asked of it
      create trigger invitation_is_counted after insert on referrals
        for each row execute function invitation_is_counted();

      create function reward_is_counted() returns trigger language plpgsql
        security definer set search_path = pg_catalog, public, pg_temp as $$
      declare
        invitation record;
        gone boolean;
      begin
        select bot, inviter_id into invitation from referrals where person_id = new.invited_id;
        insert into invitation_changes (bot, what, asset, value)
          select b.bot, w.what, new.asset, w.value
          from unnest(array['', invitation.bot]) b (bot),
            (values (old.state, -old.amount), (new.state, new.amount)) w (what, value)
          where b.bot is not null and w.what is not null;
        if new.level = 1 and invitation.bot is not null
          and (old.state in ('held', 'paid')) is distinct from (new.state in ('held', 'paid')) then
          -- Two that change rewards for one guest go one after the other, and the second one sees what the first one did.
          perform from referrals where person_id = new.invited_id for no key update;
          gone := not exists (
            select from referral_rewards
            where inviter_id = new.inviter_id and invited_id = new.invited_id and level = 1 and state in ('held', 'paid'));
          if gone then
            delete from paying_guests where person_id = new.invited_id;
          else
            insert into paying_guests values (new.invited_id) on conflict do nothing;
          end if;
          if found then
            perform public.count_guest(invitation.bot, invitation.inviter_id, 0, case when gone then -1 else 1 end);
          end if;
        end if;
        return null;
      end $$;
      -- allow trigger: as above
      create trigger reward_is_counted after insert on referral_rewards
        for each row execute function reward_is_counted();
      -- allow trigger: as above
      create trigger reward_is_counted_again after update of state, amount on referral_rewards
        for each row when (old.state <> new.state or old.amount <> new.amount) execute function reward_is_counted();

      create function count_invitations_anew() returns void language plpgsql as $$
      begin
        delete from invitation_counts;
        delete from paying_guests;
        delete from invitation_sums;
        delete from invitation_changes;
        insert into paying_guests
          select distinct w.invited_id from referral_rewards w join referrals r on r.person_id = w.invited_id
          where w.level = 1 and w.state in ('held', 'paid');
        insert into invitation_counts
          select b.bot, r.inviter_id, count(*), count(g.person_id)
          from referrals r left join paying_guests g on g.person_id = r.person_id
            cross join lateral (values (''), (r.bot)) b (bot)
          group by 1, 2;
        insert into invitation_sums
          select c.bot, w.what, '', sum(w.value)
          from invitation_counts c
            cross join lateral (values ('invited', c.invited), ('inviters', 1), ('paying', c.paying)) w (what, value)
          group by 1, 2;
        insert into invitation_sums
          select b.bot, w.state, w.asset, sum(w.amount)
          from referral_rewards w left join referrals r on r.person_id = w.invited_id
            cross join lateral (values (''), (r.bot)) b (bot)
          where b.bot is not null
          group by 1, 2, 3;
      end $$;
      -- Since the triggers are there, nothing is added to either table until the end of this transaction.
      select count_invitations_anew();
      create index invitation_counts_best_index on invitation_counts (bot, invited desc, inviter_id);
    `)
  }
}
