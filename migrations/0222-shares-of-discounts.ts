import { Migration } from '@mikro-orm/migrations'

/**
 * What a plan gave back of each purchase, in hundredths of a unit: a refund takes back just that, also where the unit was
 * made of parts of several purchases. Of purchases of before there is no row, and their refunds take whole units as before.
 */
export class SharesOfDiscounts extends Migration {
  override up(): void {
    this.addSql(`
      create table discount_shares (
        source text primary key,
        person_id bigint not null references persons (id),
        asset text not null references assets (code),
        hundredths bigint not null check (hundredths > 0),
        taken_back boolean not null default false
      )`)
  }
}
