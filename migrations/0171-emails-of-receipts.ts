import { Migration } from '@mikro-orm/migrations'

/** Where a person's fiscal receipts go: asked once, by the bot, before the first payment that needs one. */
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
