import { Migration } from '@mikro-orm/migrations'

/** The panel lists the newest orders of all people, which would be a walk through every order that ever was. */
export class OrdersOfAll extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // One that was interrupted half way is left invalid, and has to be made anew.
    this.addSql(`drop index concurrently if exists orders_created_at_index`)
    this.addSql(`create index concurrently orders_created_at_index on orders (created_at)`)
  }
}
