import { Migration } from '@mikro-orm/migrations'

/** The panel lists the newest orders of all people. Without the index it would read every order that ever was. */
export class OrdersOfAll extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which has to be made anew.
    this.addSql(`drop index concurrently if exists orders_created_at_index`)
    this.addSql(`create index concurrently orders_created_at_index on orders (created_at)`)
  }
}
