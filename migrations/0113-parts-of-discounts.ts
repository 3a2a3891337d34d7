import { Migration } from '@mikro-orm/migrations'

/**
 * The parts of a unit that a plan gives back for small prices, which add up; and whether the leaderboard may show a
 * person's name.
 */
export class PartsOfDiscounts extends Migration {
  override up(): void {
    this.addSql(`
      create table discount_parts (
        person_id bigint not null references persons (id),
        asset text not null references assets (code),
        hundredths bigint not null check (hundredths between 0 and 99),
        primary key (person_id, asset)
      );
      alter table persons add column shown_in_top boolean not null default false;
    `)
  }
}
