import { Migration } from '@mikro-orm/migrations'

/** When a deployment last had the bot in its settings. A bot that all deployments have dropped has no say any more. */
export class BotsThatAreServed extends Migration {
  override up(): void {
    this.addSql(`alter table bots add column served_at timestamptz default now();`)
  }
}
