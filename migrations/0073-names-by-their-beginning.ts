import { Migration } from '@mikro-orm/migrations'

/** A person is found by the beginning of the name as it is shown. */
export class NamesByTheirBeginning extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists persons_folded_name_index')
    this.addSql(`
      create index concurrently persons_folded_name_index
        on persons (folded(first_name || ' ' || coalesce(last_name, '')) text_pattern_ops)`)
  }
}
