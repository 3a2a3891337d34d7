import { Migration } from '@mikro-orm/migrations'

/** Totals of days also say how money came in, and which goods it was spent on. The sweep counts them for all days. */
export class RevenueByWayAndGood extends Migration {
  override up(): void {
    this.addSql(`
      alter table daily_totals drop constraint daily_totals_what_check;
      alter table daily_totals add constraint daily_totals_what_check
        check (what in ('revenue', 'came', 'paid', 'sales', 'ways', 'goods')) not valid;
      alter table daily_totals validate constraint daily_totals_what_check;
    `)
  }
}
