import { Migration } from '@mikro-orm/migrations'

/**
 * A refund keeps the sum that it gives back. More may come under the same invoice while the refund is under way, and that
 * is not part of the refund. Null = a refund of the release before: the whole of what was booked goes back.
 */
export class WhatARefundGivesBack extends Migration {
  override up(): void {
    this.addSql(`alter table payment_refunds add column back bigint check (back > 0)`)
  }
}
