import { Migration } from '@mikro-orm/migrations'

/** What of payments is nobody's yet is counted on the admins' first page: it read all payments that ever were. */
export class PaymentsInSuspense extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists payments_suspended_index')
    this.addSql(`
      create index concurrently payments_suspended_index
        on payments (created_at) where suspended > 0`)
  }
}
