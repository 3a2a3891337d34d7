import { Migration } from '@mikro-orm/migrations'

/** When Telegram's own list was first seen to have the charge of a payment in Stars. */
export class ChargesThatTelegramLists extends Migration {
  override up(): void {
    this.addSql('alter table payments add column listed_at timestamptz')
  }
}
