import { Migration } from '@mikro-orm/migrations'

/**
 * Refunds of Stars are in the table of all refunds: those that Telegram made by itself have no admin, and one that the
 * release before began has a hold under another name.
 */
export class RefundsThatNobodyAsked extends Migration {
  override up(): void {
    this.addSql('alter table payment_refunds alter column admin_id drop not null, add column hold text')
  }
}
