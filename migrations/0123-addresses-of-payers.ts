import { Migration } from '@mikro-orm/migrations'

/** Where money goes back to is the payer's to say: an admin asks, the payer types it in the bot. */
export class AddressesOfPayers extends Migration {
  override up(): void {
    this.addSql(`
      create table payback_addresses (
        payment_id text primary key references payments (id),
        asked_by bigint not null,
        asked_at timestamptz not null default now(),
        address text,
        given_at timestamptz
      )`)
  }
}
