import { Migration } from '@mikro-orm/migrations'

/** What Telegram took for a paid mailing, by Telegram's own list of the bot's Stars. */
export class MailingFees extends Migration {
  override up(): void {
    this.addSql(`alter table broadcasts add column fee jsonb;`)
  }
}
