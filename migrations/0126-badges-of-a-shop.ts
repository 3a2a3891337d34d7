import { Migration } from '@mikro-orm/migrations'

/** The first badges had names from a gym. A name that an owner has written instead stays. */
export class BadgesOfAShop extends Migration {
  override up(): void {
    this.addSql(`
      update badges set description = '{"ru":"Семь дней подряд с покупкой или другой активностью","en":"Seven days in a row with a purchase or another activity"}'
      where code = 'week-streak' and description ->> 'ru' = 'Семь дней подряд с занятием или покупкой' -- allow backfill: one row by its key`)
    this.addSql(`
      update badges set description = '{"ru":"Сто активностей","en":"A hundred activities"}'
      where code = 'regular' and description ->> 'ru' = 'Сто тренировок' -- allow backfill: one row by its key`)
  }
}
