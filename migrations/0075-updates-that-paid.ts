import { Migration } from '@mikro-orm/migrations'

/** Which payment an update was about: money goes to billing past its chat, and its story may begin with the update. */
export class UpdatesThatPaid extends Migration {
  override up(): void {
    this.addSql(`
      create table payment_updates (
        bot text not null,
        update_id bigint not null,
        -- None where the update names no payment of ours.
        payment_id text,
        created_at timestamptz not null default now(),
        primary key (bot, update_id)
      )
    `)
  }
}
