import { Migration } from '@mikro-orm/migrations'

/** The menu shows money that came and is not on the balance; the index finds it without the other payments of a person. */
export class PaymentsOnTheirWay extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists payments_on_their_way_index')
    this.addSql(`
      create index concurrently payments_on_their_way_index on payments (person_id, created_at)
        where suspended > 0 or (state = 'underpaid' and booked = 0)`)
  }
}
