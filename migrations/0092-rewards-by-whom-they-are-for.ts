import { Migration } from '@mikro-orm/migrations'

/** How many people of an inviter have bought, each once, however often they did. */
export class RewardsByWhomTheyAreFor extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    // What a build that was broken off left behind is not valid and would stand in the way.
    this.addSql('drop index concurrently if exists referral_rewards_invited_index')
    this.addSql(`
      create index concurrently referral_rewards_invited_index
        on referral_rewards (inviter_id, invited_id)
        where level = 1 and state in ('held', 'paid')`)
  }
}
