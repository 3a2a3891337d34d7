import { Migration } from '@mikro-orm/migrations'

/** Every look at the stock asked of each low item anew whether admins know, in a transaction of its own. */
export class WhatWasToldOfAStock extends Migration {
  override up(): void {
    this.addSql('alter table shelf_items add column told text')
  }
}
