import { Migration } from '@mikro-orm/migrations'

/** How much of a day was credited on a vendor's word alone is asked before each such credit: there are few of them. */
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
