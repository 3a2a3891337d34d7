import { Migration } from '@mikro-orm/migrations'

/**
 * Before a payment is credited on a vendor's word alone, the shop adds up what was credited so that day. The index
 * holds only these few payments.
 */
export class RestoredPayments extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    this.addSql('drop index concurrently if exists payments_restored_index')
    this.addSql(`
      create index concurrently payments_restored_index on payments (provider, created_at)
        where details ? 'restored'`)
  }
}
