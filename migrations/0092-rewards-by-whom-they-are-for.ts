import { Migration } from '@mikro-orm/migrations'

/** The index counts how many invited people of an inviter have bought, each once, however often they bought. */
export class RewardsByWhomTheyAreFor extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // An interrupted build leaves an invalid index, which would stand in the way.
    this.addSql('drop index concurrently if exists referral_rewards_invited_index')
    this.addSql(`
      create index concurrently referral_rewards_invited_index
        on referral_rewards (inviter_id, invited_id)
        where level = 1 and state in ('held', 'paid')`)
  }
}
