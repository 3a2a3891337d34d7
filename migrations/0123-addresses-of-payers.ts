import { Migration } from '@mikro-orm/migrations'

/** Only the payer says where a refund goes: an admin asks, and the payer types the address in the bot. */
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
