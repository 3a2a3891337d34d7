import { Migration } from '@mikro-orm/migrations'

/** People are looked for by their last name as well, alone or before the first. */
export class LastNamesByTheirBeginning extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists persons_folded_last_name_index')
    this.addSql(`
      create index concurrently persons_folded_last_name_index
        on persons (folded(last_name || ' ' || first_name) text_pattern_ops) where last_name is not null`)
  }
}
