import { Migration } from '@mikro-orm/migrations'

/** What appears by other means than a purchase is added up every hour: few postings among all of a day. */
export class PostingsThatMint extends Migration {
  override isTransactional(): boolean {
    return false
  }

  override up(): void {
    this.addSql('drop index concurrently if exists postings_minting_index')
    this.addSql(`
      create index concurrently postings_minting_index on postings (created_at)
        where kind in ('adjustment', 'entry', 'promo') or kind = 'payment' and details ->> 'provider' = 'manual'`)
  }
}
