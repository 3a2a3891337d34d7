import { Migration } from '@mikro-orm/migrations'

/** Totals of days also say what newcomers did later, where they came from, and how many payments there were. */
export class WhatBecomesOfNewcomers extends Migration {
  override up(): void {
    this.addSql(`
      alter table daily_totals drop constraint daily_totals_what_check;
      alter table daily_totals add constraint daily_totals_what_check
        check (what in ('revenue', 'came', 'paid', 'sales', 'ways', 'goods', 'bills', 'bought', 'again', 'kept',
          'sources', 'brought')) not valid;
      alter table daily_totals validate constraint daily_totals_what_check;
    `)
  }
}
