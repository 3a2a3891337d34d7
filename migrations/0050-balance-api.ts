import { Migration } from '@mikro-orm/migrations'

/** Keys of bots that live in other projects. A key is kept as its SHA-256 only: 256 random bits need no slow hash. */
export class BalanceApi extends Migration {
  override up(): void {
    this.addSql(`
      create table api_keys (
        id text primary key,
        bot text not null references bots (name),
        name text not null default '',
        hash text not null,
        scopes text[] not null check (scopes <@ array['read', 'write', 'sessions'] and cardinality(scopes) > 0),
        per_minute integer not null check (per_minute between 1 and 1000000),
        created_by bigint,
        created_at timestamptz not null default now(),
        last_used_at timestamptz,
        revoked_at timestamptz,
        revoked_by bigint,
        constraint api_keys_hash_unique unique (hash)
      );
      create index api_keys_bot_index on api_keys (bot);
    `)
  }
}
