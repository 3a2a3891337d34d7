import { Migration } from '@mikro-orm/migrations'

/** The bank cards that people let a provider keep, and what is charged to them for renewals. */
export class KeptCards extends Migration {
  override up(): void {
    // The provider's name of the card is sealed among the secrets.
    this.addSql(`
      create table kept_cards (
        person_id bigint primary key references persons (id),
        provider text not null,
        digits text not null,
        payment_id text not null,
        kept_at timestamptz not null default now()
      )`)
    this.addSql(`
      create table card_renewals (
        subscription_id text not null references subscriptions (id),
        period int not null,
        most bigint not null check (most >= 0),
        told_at timestamptz not null default now(),
        attempts int not null default 0,
        payment_id text,
        next_at timestamptz,
        primary key (subscription_id, period)
      )`)
  }
}
