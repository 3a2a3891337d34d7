import { Migration } from '@mikro-orm/migrations'

/**
 * Everybody may have two pictures drawn at once, so a plan that allowed two gave nothing. A value that an admin has
 * set stays.
 */
export class PlusDrawsThree extends Migration {
  override up(): void {
    this.addSql(`
      update plans set limits = limits || '{"pictures-at-once": 3}'
      where code = 'plus' and limits = '{"pictures-at-once": 2}' -- allow backfill: one row by its key`)
  }
}
