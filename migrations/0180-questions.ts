import { Migration } from '@mikro-orm/migrations'

/** Whether a message of a person waits for an answer, whether admins have seen it, and the message that says so. */
export class Questions extends Migration {
  override up(): void {
    this.addSql(`
      alter table support_messages
        add column waits boolean not null default false,
        add column read_at timestamptz,
        add column card_message_id bigint;
    `)
  }
}
