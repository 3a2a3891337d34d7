import { Migration } from '@mikro-orm/migrations'

/**
 * Refunds of Stars stand in the table of all refunds. Those that Telegram made by itself have no admin. A refund
 * that the release before has begun has a hold under another name.
 */
export class RefundsThatNobodyAsked extends Migration {
  override up(): void {
    this.addSql('alter table payment_refunds alter column admin_id drop not null, add column hold text')
  }
}
