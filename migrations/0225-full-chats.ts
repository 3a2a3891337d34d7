import { Migration } from '@mikro-orm/migrations'

/** A chat that has no room sells no place to a newcomer, until somebody is let in again or the refusal is old. */
export class FullChats extends Migration {
  override up(): void {
    this.addSql('alter table shelf_chats add column full_at timestamptz')
  }
}
