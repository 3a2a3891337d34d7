import { Migration } from '@mikro-orm/migrations'

/** The index serves the sum of a day over one owner's bots. */
export class WhatBotsGaveAway extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    this.addSql(`drop index concurrently if exists money_decisions_minted_index`)
    this.addSql(`
      create index concurrently money_decisions_minted_index on money_decisions (bot, decided_at) where minted > 0`)
  }
}
