import { Migration } from '@mikro-orm/migrations'

/**
 * Which payment an update was about. An update that pays goes to billing and not through the queue of its chat, but
 * people ask for its story by the update.
 */
export class UpdatesThatPaid extends Migration {
  override up(): void {
    this.addSql(`
      create table payment_updates (
        bot text not null,
        update_id bigint not null,
        -- Null where the update names no payment of ours.
        payment_id text,
        created_at timestamptz not null default now(),
        primary key (bot, update_id)
      )
    `)
  }
}
