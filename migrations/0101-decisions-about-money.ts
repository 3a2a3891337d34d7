import { Migration } from '@mikro-orm/migrations'

/**
 * Who let money appear or leave, with the yes of the second admin; what an API key may move; and the audit log as a
 * chain, in which each line's hash includes the hash of the line before.
 */
export class DecisionsAboutMoney extends Migration {
  override up(): void {
    this.addSql(`
      create table money_decisions (
        reference text primary key,
        kind text not null,
        bot text not null,
        admin_id bigint not null,
        second_id bigint,
        person_id bigint,
        asset text not null references assets (code),
        amount bigint not null,
        -- RUB minor units by the reference rates of that moment.
        worth bigint not null,
        created_at timestamptz not null default now(),
        decided_at timestamptz
      );
      create index money_decisions_admin_index on money_decisions (admin_id, decided_at);
      alter table api_keys add column expires_at timestamptz, add column most_per_entry bigint,
        add column most_per_day bigint;
      create table api_key_hours (
        key_id text not null,
        hour timestamptz not null,
        worth bigint not null,
        primary key (key_id, hour)
      );
    `)
    // A line of the chain is written when its transaction commits. A transaction that waits for the chain's lock
    // holds every other lock that it wants already, so no order of acts makes a deadlock, and the chain's lock is
    // held only during the commit. The chain does not refer to the log, so that the proof can find a line that was
    // taken out of the log.
    this.addSql(`
      create table audit_chain (
        number bigint primary key,
        line_id bigint not null unique,
        hash text not null
      );
      create trigger audit_chain_append_only before update or delete or truncate on audit_chain
        for each statement execute function refuse_change();
      create function audit_line_hash(before text, line audit_log) returns text language sql stable as $$
        select encode(sha256(convert_to(jsonb_build_array(before, line.id, extract(epoch from line.at), line.bot,
          line.actor_id, line.action, line.target, line.details)::text, 'UTF8')), 'hex')
      $$;
      create function chain_audit_line() returns trigger language plpgsql security definer
        set search_path = pg_catalog, public as $$
      declare last audit_chain;
      begin
        perform pg_advisory_xact_lock(hashtextextended('audit chain', 0));
        select * into last from audit_chain order by number desc limit 1;
        insert into audit_chain (number, line_id, hash)
        values (coalesce(last.number, 0) + 1, new.id, audit_line_hash(last.hash, new));
        return null;
      end $$;
      -- allow trigger: it writes a new table only, whatever version writes the line
      create constraint trigger audit_log_chain after insert on audit_log deferrable initially deferred
        for each row execute function chain_audit_line();
    `)
    // One round trip in a transaction that holds the wallet's lock. From here to the commit, entries of one key wait
    // for each other, and for no entries of other keys. A bucket counts as a whole until its last minute is 24 hours
    // old.
    this.addSql(`
      create function count_key_entry(key text, moved bigint) returns bigint language plpgsql as $$
      begin
        perform pg_advisory_xact_lock(hashtextextended('key ' || key, 0));
        insert into api_key_hours as h (key_id, hour, worth) values (key, date_trunc('hour', now()), moved)
        on conflict (key_id, hour) do update set worth = least(h.worth + excluded.worth, 1000000000000000000);
        return (select least(sum(worth), 1000000000000000000)::bigint from api_key_hours
          where key_id = key and hour >= date_trunc('hour', now()) - interval '24 hours');
      end $$;
    `)
  }
}
