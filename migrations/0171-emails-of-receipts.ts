import { Migration } from '@mikro-orm/migrations'

/** Where a person's fiscal receipts go. The bot asks once, before the first payment that needs a receipt. */
export class EmailsOfReceipts extends Migration {
  override up(): void {
    this.addSql(`
      create table receipt_emails (
        person_id bigint primary key references persons (id),
        email text not null,
        given_at timestamptz not null default now()
      )`)
  }
}
