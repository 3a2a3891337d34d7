import { Migration } from '@mikro-orm/migrations'

/** What plans brought on a day is read from that day's postings of plans, and not from all of that day. */
export class PlansSoldOnADay extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists postings_of_plans_index')
    this.addSql(`
      create index concurrently postings_of_plans_index
        on postings (created_at) where kind = 'subscription'`)
  }
}
