import { Migration } from '@mikro-orm/migrations'

/** Every hour the sum of money that appeared without a purchase is made: few postings among all postings of a day. */
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
