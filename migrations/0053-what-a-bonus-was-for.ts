import { Migration } from '@mikro-orm/migrations'

/** The index finds the bonuses of a payment or an order when it is refunded. */
export class WhatABonusWasFor extends Migration {
  override up(): void {
    this.addSql(`
      create index postings_bonus_for_index on postings ((details ->> 'for')) where kind = 'promo';
    `)
  }
}
