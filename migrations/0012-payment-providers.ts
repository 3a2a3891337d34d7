import { Migration } from '@mikro-orm/migrations'

/**
 * What payments through providers need beside the payment itself: the sum that was booked, the time of the next
 * look-up, permanent addresses, refunds, and the proofs and approvals of requests by hand.
 */
export class PaymentProviders extends Migration {
  override up(): void {
    this.addSql(`
      -- Minor units of the money that came: the whole sum, and the part that waits in suspense for its owner.
      alter table payments
        add column booked bigint not null default 0 check (booked >= 0),
        add column suspended bigint not null default 0 check (suspended >= 0),
        add column suspended_asset text references assets (code),
        add column taken integer not null default 0,
        add column next_check_at timestamptz,
        add column checks integer not null default 0,
        add constraint payments_suspended_asset check (suspended = 0 or suspended_asset is not null);
      create index payments_next_check_index on payments (next_check_at) where next_check_at is not null;
      create index payments_created_at_index on payments (created_at);
      create index payment_events_orphan_index on payment_events (provider, created_at) where payment_id is null;

      create table deposit_wallets (
        reference text primary key,
        person_id bigint not null references persons (id),
        bot text not null references bots (name),
        provider text not null,
        asset text not null references assets (code),
        network text not null,
        wallet text,
        address text,
        created_at timestamptz not null default now(),
        constraint deposit_wallets_one unique (person_id, provider, asset, network),
        constraint deposit_wallets_address_unique unique (provider, network, address, asset)
      );

      -- A refund is stored before the provider is asked. A refund that may have happened blocks a second one.
      create table payment_refunds (
        id text primary key,
        payment_id text not null references payments (id),
        state text not null default 'asked' check (state in ('asked', 'sent', 'started', 'done', 'refused', 'unknown')),
        held bigint not null check (held >= 0),
        shortfall bigint not null check (shortfall >= 0),
        address text,
        admin_id bigint not null,
        reason text not null default '',
        outcome text,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create unique index payment_refunds_only_one on payment_refunds (payment_id) where state <> 'refused';

      create table payment_proofs (
        payment_id text primary key references payments (id),
        kind text not null check (kind in ('photo', 'document', 'text')),
        -- A file's unique id of Telegram's is the same in every bot and chat; a text has the digest of its letters without spaces.
        fingerprint text not null,
        file_id text,
        text text,
        created_at timestamptz not null default now()
      );
      create index payment_proofs_fingerprint_index on payment_proofs (fingerprint);

      create table payment_approvals (
        payment_id text not null references payments (id),
        admin_id bigint not null,
        created_at timestamptz not null default now(),
        primary key (payment_id, admin_id)
      );
      -- A person has at most one open request.
      create unique index payments_one_open_request on payments (person_id)
        where provider = 'manual' and state in ('created', 'pending');
    `)
  }
}
