import { Migration } from '@mikro-orm/migrations'

/**
 * Which deletion or edit has dealt with a recipient last, so that each deals with a recipient once, in whatever
 * parts it goes through them.
 */
export class FollowUpsOfMailings extends Migration {
  override up(): void {
    this.addSql(`alter table broadcast_recipients add column touched_by text;`)
  }
}
