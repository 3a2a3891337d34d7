import { Migration } from '@mikro-orm/migrations'

/** What admins decided about purchases in doubt. A decision is stored before a worker carries it out. */
export class DecisionsOfOrders extends Migration {
  override up(): void {
    this.addSql(`
      create table order_decisions (
        id text primary key,
        order_id text not null references orders (id),
        decision text not null check (decision in ('delivered', 'failed', 'retry', 'refund')),
        state text not null default 'asked' check (state in ('asked', 'done', 'refused')),
        admin_id bigint not null,
        bot text not null,
        reason text not null,
        -- The order's last attempt when the admin decided; null where nothing was sent yet.
        attempt integer,
        outcome text,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      -- An order has one open decision: a second press, or a second admin, changes nothing.
      create unique index order_decisions_one_at_a_time on order_decisions (order_id) where state = 'asked';
    `)
  }
}
