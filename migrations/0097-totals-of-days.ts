import { Migration } from '@mikro-orm/migrations'

/**
 * What a day brought each bot. A sweep counts days again and again, because a refund and a newcomer's first payment
 * change days that are long over. A day without a row in counted_days was not counted yet. The other table marks
 * places of the leaderboard, so that nobody's place is counted from the top.
 */
export class TotalsOfDays extends Migration {
  override up(): void {
    this.addSql(`
      create table daily_totals (
        day date not null,
        bot text not null,
        what text not null check (what in ('revenue', 'came', 'paid', 'sales')),
        part text not null,
        value bigint not null,
        primary key (bot, what, day, part)
      );
      create index daily_totals_day_index on daily_totals (day);
      create table counted_days (day date primary key, counted_at timestamptz not null default now());

      create table place_marks (
        place integer primary key,
        xp bigint not null,
        person_id bigint not null
      );
    `)
  }
}
