import { Migration } from '@mikro-orm/migrations'

/** Whether somebody did something a hundred times is seen without reading what else they did. */
export class ActivitiesOfAKind extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists activities_kind_index')
    this.addSql(`
      create index concurrently activities_kind_index
        on activities (person_id, kind)`)
  }
}
