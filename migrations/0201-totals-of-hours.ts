import { Migration } from '@mikro-orm/migrations'

/**
 * What an hour brought each bot, of today, yesterday and the week before, in shops that are too large to read it each time.
 * An hour without a row in counted_hours is read as before.
 */
export class TotalsOfHours extends Migration {
  override up(): void {
    this.addSql(`
      create table hourly_totals (
        hour timestamptz not null,
        bot text not null,
        what text not null,
        part text not null,
        value bigint not null,
        primary key (bot, what, hour, part)
      );
      create index hourly_totals_hour_index on hourly_totals (hour);
      create table counted_hours (hour timestamptz primary key, counted_at timestamptz not null default now());

      -- The first page of the panel adds up what went back today.
      create index payment_refunds_done_index on payment_refunds (updated_at)
        -- allow index: refunds are few, and ten thousand of them take 20 ms
        where state = 'done';
      -- The owners are told once a day what admins did in it.
      create index audit_log_day_index on audit_log (bot, at)
        -- allow index: a line is an act of an admin, not of a buyer: a hundred thousand lines take 0.1 s
        ;
      -- What has just ended is renewed at once, among all that wait for money.
      create index subscriptions_active_index on subscriptions (expires_at)
        -- allow index: a hundred thousand plans take 0.1 s
        where state = 'active'
    `)
  }
}
