import { Migration } from '@mikro-orm/migrations'

/**
 * Which low items admins were told about. Before, every look at the stock asked for each low item anew, in a
 * transaction of its own.
 */
export class WhatWasToldOfAStock extends Migration {
  override up(): void {
    this.addSql('alter table shelf_items add column told text')
  }
}
