import { Migration } from '@mikro-orm/migrations'

/** What was written about one order or payment, for its page and its story. */
export class MessagesAboutADeal extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    this.addSql('drop index concurrently if exists support_messages_about_index')
    this.addSql(`
      create index concurrently support_messages_about_index on support_messages (coalesce(order_id, payment_id), created_at)
        where coalesce(order_id, payment_id) is not null`)
  }
}
