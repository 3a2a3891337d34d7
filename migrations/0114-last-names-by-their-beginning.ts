import { Migration } from '@mikro-orm/migrations'

/** The index finds people by their last name, alone or in front of the first name. */
export class LastNamesByTheirBeginning extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists persons_folded_last_name_index')
    this.addSql(`
      create index concurrently persons_folded_last_name_index
        on persons (folded(last_name || ' ' || first_name) text_pattern_ops) where last_name is not null`)
  }
}
