import { Migration } from '@mikro-orm/migrations'

/** The index finds the postings for plans of a day without reading the other postings of that day. */
export class PlansSoldOnADay extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists postings_of_plans_index')
    this.addSql(`
      create index concurrently postings_of_plans_index
        on postings (created_at) where kind = 'subscription'`)
  }
}
