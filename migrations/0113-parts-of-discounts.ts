import { Migration } from '@mikro-orm/migrations'

/** What a plan gives back of small prices adds up; and whose name the table of the best may show. */
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
