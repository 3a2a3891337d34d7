import { Migration } from '@mikro-orm/migrations'

/** The index shows whether a person did something a hundred times, without reading what else the person did. */
export class ActivitiesOfAKind extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists activities_kind_index')
    this.addSql(`
      create index concurrently activities_kind_index
        on activities (person_id, kind)`)
  }
}
