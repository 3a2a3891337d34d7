import { Migration } from '@mikro-orm/migrations'

/** Money in (payments) and money out for a good (orders), each a state machine with its story. */
export class PaymentsAndOrders extends Migration {
  override up(): void {
    this.addSql(`
      create table orders (
        id text primary key,
        person_id bigint not null references persons (id),
        bot text not null references bots (name),
        good text not null,
        state text not null default 'draft' check (state in ('draft', 'awaiting_payment', 'reserved', 'fulfilling',
          'delivered', 'expired', 'cancelled', 'failed', 'unknown', 'review', 'refunded')),
        asset text not null references assets (code),
        price bigint not null check (price >= 0),
        details jsonb not null default '{}',
        parent_id text references orders (id),
        card jsonb,
        expires_at timestamptz,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create index orders_person_id_index on orders (person_id, created_at);
      create index orders_parent_id_index on orders (parent_id);
      create index orders_unfinished_index on orders (state, updated_at)
        where state in ('awaiting_payment', 'reserved', 'fulfilling', 'unknown', 'review');
      create index orders_good_index on orders (good, created_at);

      create table order_events (
        id bigint generated always as identity primary key,
        order_id text not null references orders (id),
        at timestamptz not null default now(),
        from_state text,
        to_state text not null,
        actor text not null,
        reason text not null default '',
        details jsonb not null default '{}'
      );
      create index order_events_order_id_index on order_events (order_id, id);
      create trigger order_events_append_only before update or delete or truncate on order_events
        for each statement execute function refuse_change();

      -- One call to a supplier, committed before the call. The partial unique index is the promise that
      -- an order is never bought twice: a further attempt needs every earlier one to be refused for certain.
      create table attempts (
        id bigint generated always as identity primary key,
        order_id text not null references orders (id),
        number integer not null check (number > 0),
        supplier text not null,
        state text not null default 'sent' check (state in ('sent', 'done', 'refused', 'unknown')),
        token text not null,
        supplier_ref text,
        details jsonb not null default '{}',
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        constraint attempts_number_unique unique (order_id, number),
        constraint attempts_token_unique unique (token)
      );
      create unique index attempts_only_one_may_have_happened on attempts (order_id) where state <> 'refused';
      create index attempts_supplier_ref_index on attempts (supplier, supplier_ref);

      create table payments (
        id text primary key,
        person_id bigint not null references persons (id),
        bot text not null references bots (name),
        provider text not null,
        state text not null default 'created' check (state in ('created', 'pending', 'paid', 'overpaid', 'underpaid',
          'expired', 'cancelled', 'failed', 'refunded', 'review')),
        asset text not null references assets (code),
        amount bigint not null check (amount > 0),
        credit_asset text not null references assets (code),
        credit_amount bigint not null check (credit_amount > 0),
        received_asset text,
        received_amount numeric,
        provider_ref text,
        order_id text references orders (id),
        details jsonb not null default '{}',
        card jsonb,
        expires_at timestamptz,
        paid_at timestamptz,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        constraint payments_provider_ref_unique unique (provider, provider_ref)
      );
      create index payments_person_id_index on payments (person_id, created_at);
      create index payments_order_id_index on payments (order_id);
      create index payments_unfinished_index on payments (provider, updated_at)
        where state in ('created', 'pending', 'underpaid', 'review');

      -- What providers told us, each event once, whether or not its payment is known yet.
      create table payment_events (
        id bigint generated always as identity primary key,
        provider text not null,
        event_id text not null,
        payment_id text references payments (id),
        kind text not null,
        payload jsonb not null default '{}',
        created_at timestamptz not null default now(),
        constraint payment_events_once unique (provider, event_id)
      );
      create index payment_events_payment_id_index on payment_events (payment_id, id);
    `)
  }
}
