import type pg from 'pg'

// The same double entry as a careful person would write it for speed: plain tables without triggers and foreign keys,
// guarded in the statement itself. What the product has beyond that (nobody can get round its guards) is what it costs.

export async function makeBareLedger(on: pg.Pool | pg.Client): Promise<void> {
  await on.query(`
    create table if not exists bare_postings (id bigint generated always as identity primary key,
      reference text not null unique, kind text not null, created_at timestamptz not null default now());
    create table if not exists bare_entries (id bigint generated always as identity primary key, posting_id bigint not null,
      person_id bigint, system text, asset text not null, amount bigint not null);
    create index if not exists bare_entries_of_person on bare_entries (person_id, posting_id);
    create table if not exists bare_wallets (person_id bigint, asset text, available bigint not null default 0,
      primary key (person_id, asset));
    create table if not exists bare_payments (id text primary key, person_id bigint not null, asset text not null,
      amount bigint not null, state text not null, paid_at timestamptz)`)
}

const BOOKED = `
  entries as (
    insert into bare_entries (posting_id, person_id, system, asset, amount)
    select posting.id, e.person_id, e.system, money.asset, e.sign * money.amount
    from posting, money, lateral (values (money.person_id, null, 1), (null, money.system, -1)) as e (person_id, system, sign)
  )
  insert into bare_wallets as w (person_id, asset, available)
  select money.person_id, money.asset, money.amount from posting, money
  on conflict (person_id, asset) do update set available = w.available + excluded.available
    where w.available + excluded.available >= 0`

/** Tokens from a system account to a person. */
export const bareCredit = (reference: string, person: bigint, amount: bigint): pg.QueryConfig => ({
  name: 'bare-credit',
  text: `
    with money as (select $2::bigint as person_id, 'promo' as system, 'TOK' as asset, $3::bigint as amount),
    posting as (
      insert into bare_postings (reference, kind) values ($1, 'promo') on conflict (reference) do nothing returning id
    ), ${BOOKED}`,
  values: [reference, person, amount],
})

/** A payment that is paid, once, and its money. */
export const bareSettlement = (id: string): pg.QueryConfig => ({
  name: 'bare-settlement',
  text: `
    with money as (
      update bare_payments set state = 'paid', paid_at = now() where id = $1 and state = 'pending'
      returning person_id, 'provider' as system, asset, amount
    ), posting as (
      insert into bare_postings (reference, kind) select $1, 'payment' from money
      on conflict (reference) do nothing returning id
    ), ${BOOKED}`,
  values: [id],
})
