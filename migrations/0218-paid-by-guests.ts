import { Migration } from '@mikro-orm/migrations'

/**
 * What invited people have paid, added up: the reward for a payment depends on what was paid before it. A version of
 * before that follows the ledger meanwhile adds nothing. That moves where a share is rounded, by less than one unit in all.
 */
export class PaidByGuests extends Migration {
  override up(): void {
    this.addSql(`
      create table paid_by_guests (
        person_id bigint not null references persons (id),
        asset text not null references assets (code),
        amount bigint not null check (amount >= 0),
        primary key (person_id, asset)
      )`)
  }
}
