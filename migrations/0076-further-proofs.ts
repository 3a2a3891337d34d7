import { Migration } from '@mikro-orm/migrations'

/**
 * What a person sent after the first file of a proof: the other pictures of an album, a better picture, words about
 * it.
 */
export class FurtherProofs extends Migration {
  override up(): void {
    this.addSql(`
      create table further_proofs (
        payment_id text not null references payments (id),
        fingerprint text not null,
        kind text not null check (kind in ('photo', 'document', 'text')),
        file_id text,
        text text,
        created_at timestamptz not null default clock_timestamp(),
        primary key (payment_id, fingerprint)
      );
      create index further_proofs_fingerprint_index on further_proofs (fingerprint);
    `)
  }
}
