import { Migration } from '@mikro-orm/migrations'

/**
 * The admins' first page counts payments that belong to nobody yet. Without the index it read all payments that ever
 * were.
 */
export class PaymentsInSuspense extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists payments_suspended_index')
    this.addSql(`
      create index concurrently payments_suspended_index
        on payments (created_at) where suspended > 0`)
  }
}
