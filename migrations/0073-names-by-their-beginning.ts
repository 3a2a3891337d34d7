import { Migration } from '@mikro-orm/migrations'

/** The index finds a person by the beginning of the name as it is shown. */
export class NamesByTheirBeginning extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists persons_folded_name_index')
    this.addSql(`
      create index concurrently persons_folded_name_index
        on persons (folded(first_name || ' ' || coalesce(last_name, '')) text_pattern_ops)`)
  }
}
