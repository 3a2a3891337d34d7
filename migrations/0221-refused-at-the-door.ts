import { Migration } from '@mikro-orm/migrations'

/** Telegram may refuse a person whom the bot lets in: who is in too many channels comes in later, or gets the money back. */
export class RefusedAtTheDoor extends Migration {
  override up(): void {
    this.addSql('alter table shelf_accesses add column refused_at timestamptz')
  }
}
