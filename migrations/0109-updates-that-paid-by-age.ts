import { Migration } from '@mikro-orm/migrations'

/** The rows of payment_updates are deleted after a while. The index finds the old rows without reading the rest. */
export class UpdatesThatPaidByAge extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists payment_updates_created_index')
    this.addSql('create index concurrently payment_updates_created_index on payment_updates (created_at)')
  }
}
