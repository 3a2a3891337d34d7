import { Migration } from '@mikro-orm/migrations'

/** The open questions among the messages of a year. */
export class QuestionsThatWait extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    this.addSql('drop index concurrently if exists support_messages_waiting_index')
    this.addSql(`
      create index concurrently support_messages_waiting_index on support_messages (bot, person_id, created_at) where waits`)
  }
}
