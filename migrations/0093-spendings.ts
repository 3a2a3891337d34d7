import { Migration } from '@mikro-orm/migrations'

/**
 * What each person has spent, by kind of posting. A badge for a sum asks for it after each posting, and adding up
 * all of a person's entries each time made N postings cost N². The sums begin with the first question about a
 * person.
 */
export class Spendings extends Migration {
  override up(): void {
    this.addSql(`
      create table spendings (
        person_id bigint not null references persons (id),
        kind text not null,
        asset text not null references assets (code),
        amount bigint not null,
        primary key (person_id, kind, asset)
      );
      alter table progress add column spendings_kept boolean not null default false;
    `)
  }
}
