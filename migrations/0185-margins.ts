import { Migration } from '@mikro-orm/migrations'

/** Totals of days also say what orders with a known cost brought, and what they cost. The sweep counts them for all days. */
export class Margins extends Migration {
  override up(): void {
    this.addSql(`
      alter table daily_totals drop constraint daily_totals_what_check;
      alter table daily_totals add constraint daily_totals_what_check
        check (what in ('revenue', 'came', 'paid', 'sales', 'ways', 'goods', 'bills', 'bought', 'again', 'kept',
          'sources', 'brought', 'margins')) not valid;
      alter table daily_totals validate constraint daily_totals_what_check;
    `)
  }
}
