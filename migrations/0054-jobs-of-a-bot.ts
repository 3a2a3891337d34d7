import { Migration } from '@mikro-orm/migrations'

/** Deployments that share a database have bots and queues of their own, so a job goes to the queue of its bot. */
export class JobsOfABot extends Migration {
  override up(): void {
    this.addSql(`alter table outbox add column bot text;`)
  }
}
