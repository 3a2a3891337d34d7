import { Migration } from '@mikro-orm/migrations'

/** The ids of orders and payments that a job mentions, stored when the job is owed; null = nobody looked for them. */
export class WhatJobsAreAbout extends Migration {
  override up(): void {
    this.addSql('alter table outbox add column about text[]')
  }
}
