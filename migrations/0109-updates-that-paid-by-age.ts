import { Migration } from '@mikro-orm/migrations'

/** Which payment an update was about is forgotten after a while: what is that old is found without reading the rest. */
export class UpdatesThatPaidByAge extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists payment_updates_created_index')
    this.addSql('create index concurrently payment_updates_created_index on payment_updates (created_at)')
  }
}
