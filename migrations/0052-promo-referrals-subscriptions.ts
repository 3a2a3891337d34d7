import { Migration } from '@mikro-orm/migrations'

/** Promo codes with their uses, who invited whom and the rewards for it, plans and subscriptions to them. */
export class PromoReferralsSubscriptions extends Migration {
  override up(): void {
    this.addSql(`
      create table plans (
        code text primary key check (code ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
        name jsonb not null,
        days integer not null default 30 check (days between 1 and 3650),
        price_stars integer check (price_stars between 1 and 10000),
        price_tokens bigint check (price_tokens > 0),
        discount_percent integer not null default 0 check (discount_percent between 0 and 90),
        limits jsonb not null default '{}',
        active boolean not null default true,
        created_at timestamptz not null default now()
      );
      insert into plans (code, name, days, price_stars, price_tokens, discount_percent, limits) values
        ('plus', '{"ru":"Плюс","en":"Plus"}', 30, 150, 30, 10, '{"pictures-at-once":2}'),
        ('pro', '{"ru":"Про","en":"Pro"}', 30, 450, 90, 20, '{"pictures-at-once":4}');

      create table subscriptions (
        id text primary key,
        person_id bigint not null references persons (id),
        plan text not null references plans (code),
        bot text not null references bots (name),
        paid_with text not null check (paid_with in ('stars', 'balance', 'gift', 'promo')),
        state text not null default 'active' check (state in ('active', 'grace', 'ended')),
        renews boolean not null,
        period integer not null default 1 check (period > 0),
        expires_at timestamptz not null,
        charge_id text,
        given_by bigint,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create unique index subscriptions_one_of_a_plan on subscriptions (person_id, plan) where state <> 'ended';
      create index subscriptions_due_index on subscriptions (expires_at) where state <> 'ended';

      -- A period is paid once, also when two workers notice that it is due.
      create table subscription_periods (
        subscription_id text not null references subscriptions (id),
        period integer not null,
        reference text not null,
        starts_at timestamptz not null,
        ends_at timestamptz not null,
        created_at timestamptz not null default now(),
        primary key (subscription_id, period),
        constraint subscription_periods_reference_unique unique (reference)
      );

      create table promo_campaigns (
        id bigint generated always as identity primary key,
        name text not null,
        kind text not null check (kind in ('amount', 'tokens', 'percent', 'discount', 'days')),
        -- amount: minor units of asset; tokens: tokens; percent and discount: per cent; days: days of the plan
        value bigint not null check (value > 0),
        asset text references assets (code),
        product text,
        plan text references plans (code),
        bot text references bots (name),
        per_person integer not null default 1 check (per_person between 1 and 1000),
        first_purchase_only boolean not null default false,
        minimum bigint not null default 0 check (minimum >= 0),
        maximum_bonus bigint check (maximum_bonus > 0),
        starts_at timestamptz,
        ends_at timestamptz,
        paused boolean not null default false,
        created_by bigint not null,
        created_at timestamptz not null default now(),
        check (kind <> 'amount' or asset is not null),
        check (kind <> 'discount' or product is not null),
        check (kind <> 'days' or plan is not null),
        check (kind not in ('percent', 'discount') or value <= 100)
      );
      create table promo_codes (
        code text primary key check (code ~ '^[A-Z0-9_-]{3,40}$'),
        campaign_id bigint not null references promo_campaigns (id),
        uses_left integer not null check (uses_left >= 0),
        uses integer not null default 0
      );
      create index promo_codes_campaign_index on promo_codes (campaign_id);
      create table promo_uses (
        id bigint generated always as identity primary key,
        code text not null references promo_codes (code),
        campaign_id bigint not null references promo_campaigns (id),
        person_id bigint not null references persons (id),
        number integer not null,
        bot text not null references bots (name),
        idempotency_key text,
        -- waiting: a bonus for the next top-up or purchase; given: everything is done
        state text not null check (state in ('waiting', 'given', 'taken_back')),
        asset text references assets (code),
        given bigint,
        used_for text,
        created_at timestamptz not null default now(),
        given_at timestamptz,
        constraint promo_uses_per_person unique (campaign_id, person_id, number),
        constraint promo_uses_idempotent unique (bot, idempotency_key)
      );
      create index promo_uses_code_index on promo_uses (code);
      create index promo_uses_waiting_index on promo_uses (person_id) where state = 'waiting';
      create index promo_uses_used_for_index on promo_uses (used_for) where used_for is not null;

      create table referrals (
        person_id bigint primary key references persons (id),
        inviter_id bigint not null references persons (id),
        bot text not null references bots (name),
        created_at timestamptz not null default now(),
        constraint referrals_not_oneself check (person_id <> inviter_id)
      );
      create index referrals_inviter_index on referrals (inviter_id, created_at);
      create table referral_rewards (
        id bigint generated always as identity primary key,
        source text not null,
        payment text,
        level integer not null check (level between 1 and 5),
        inviter_id bigint not null references persons (id),
        invited_id bigint not null references persons (id),
        bot text not null,
        asset text not null references assets (code),
        amount bigint not null check (amount > 0),
        state text not null default 'held' check (state in ('held', 'paid', 'cancelled', 'taken_back')),
        due_at timestamptz not null,
        settled_at timestamptz,
        created_at timestamptz not null default now(),
        constraint referral_rewards_once unique (source, level)
      );
      create index referral_rewards_inviter_index on referral_rewards (inviter_id, id);
      create index referral_rewards_payment_index on referral_rewards (payment) where payment is not null;
      create index referral_rewards_due_index on referral_rewards (due_at) where state = 'held';
    `)
  }
}
