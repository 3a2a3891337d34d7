import pg from 'pg'

/** How many operations some people have; their ids come after those of all other people. */
export const HEAVY: readonly number[] = [1_000, 10_000, 100_000]
export const heavyId = (people: number, operations: number): number => people + Math.log10(operations) - 2
const SALE = JSON.stringify({
  goods: { kind: 'stars', quantity: 50 },
  recipients: [{ username: 'somebody', name: null, photo: null, hasPremium: null, telegramId: null }],
  way: 'fragment',
  unitPrice: '6000',
  cost: null,
  costRub: '4500',
})
export const OWNER = 900_000_001
/** An order that is older than all jobs. It has the form of a real id, because jobs are found by ids. */
export const OLD_ORDER = 'k3v8q2m7c5x1b9zd'

/** Whether an earlier run has left so many people in this database. */
export async function isLoaded(databaseUrl: string, people: number): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ people: string }>(
      'select count(*) as people from persons where id <= $1',
      [people],
    )
    const found = Number(rows[0]!.people)
    if (found > 0 && found !== people)
      throw new Error(`${found} people are kept here: keep ${people} in another folder`)
    return found > 0
  } finally {
    await client.end()
  }
}

/**
 * A year of a shop: each person came, paid and bought, and has the XP, the order, the payment and the done jobs of it;
 * a fifth drew a picture and trained, a tenth was invited. Rows that agree with one another: the proof over them is
 * green. Triggers and foreign keys are off while they are written, and one statement writes a table, so that a million
 * people take minutes.
 */
export async function load(
  databaseUrl: string,
  people: number,
  heavy: readonly number[] = HEAVY,
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const each = `from generate_series(1, ${people}) n`
  // The first person came a year ago, the last one today.
  const at = `now() - interval '1 hour' - interval '365 days' * (1 - n / ${people}.0)`
  // The few rows among the many for which lists of the panel look: another bot, vendor or state; people who are banned or
  // have blocked the bot. They are written as they are: an index that is made in the transaction that changed rows is not
  // used while any older transaction runs on the server, in whichever database.
  const rare = Math.max(1_000, people / 20)
  const rarely = (rest: number, then: string, otherwise: string) =>
    `case when n % ${rare} = ${rest} then '${then}' else '${otherwise}' end`
  const bot = rarely(0, 'second', 'main')
  const more = 2 * people + 20 * HEAVY.at(-1)!
  const statements = [
    `insert into bots (name, telegram_id, username)
      values ('main', 123456, 'bench_bot'), ('second', 123457, 'second_bot') on conflict do nothing`,
    `insert into persons (id, first_name, username, language, created_at, updated_at, banned_at)
      select n, 'Somebody ' || n, 'somebody_' || n, 'en', ${at}, ${at}, case when n % ${rare} = 300 then now() end ${each}`,
    `insert into bot_sessions (bot, person_id, created_at, last_seen_at, start_param, blocked_at)
      select ${bot}, n, ${at}, ${at}, case when n % ${rare} = 100 then 'autumn' when n % 50 = 0 then 'spring' end,
        case when n % ${rare} = 200 then now() end ${each}`,
    `insert into postings (id, reference, kind, bot, details, digest, created_at) overriding system value
      select 2 * n - 1 + k, case k when 0 then 'payment-load-' else 'order-load-' end || n,
        case k when 0 then 'payment' else 'stars' end, 'main',
        jsonb_build_object(case k when 0 then 'payment' else 'order' end, 'load-' || n), 'x', ${at} + k * interval '5 minutes'
      ${each}, generate_series(0, 1) k`,
    `insert into entries (posting_id, person_id, system, asset, amount, balance_after)
      select 2 * n - 1 + k / 2, case when k in (0, 3) then n end, case k when 1 then 'provider:stars' when 2 then 'sales' end,
        'TOK', case k when 0 then 100 when 1 then -100 when 2 then 60 else -60 end,
        case k when 0 then 100 when 3 then 40 end
      ${each}, generate_series(0, 3) k`,
    // Three more operations of each person, so that a million people have ten million entries.
    `insert into postings (id, reference, kind, bot, details, digest, created_at) overriding system value
      select ${more} + 3 * n + k, 'api-load-' || n || '-' || k, 'entry', 'main', '{}', 'x', ${at} + (10 + k) * interval '1 minute'
      ${each}, generate_series(0, 2) k`,
    `insert into entries (posting_id, person_id, system, asset, amount, balance_after)
      select ${more} + 3 * n + k / 2, case k % 2 when 0 then n end, case k % 2 when 1 then 'api:load' end,
        'TOK', case k % 2 when 0 then 1 else -1 end, case k % 2 when 0 then 41 + k / 2 end
      ${each}, generate_series(0, 5) k`,
    `insert into wallets (person_id, asset, available) select n, 'TOK', 43 ${each}`,
    `insert into orders (id, person_id, bot, good, state, asset, price, details, created_at, updated_at)
      select 'load-' || n, n, ${bot}, case when n % ${rare} = 200 then 'premium' when n % 5 = 0 then 'image' else 'stars' end,
        ${rarely(100, 'refunded', 'delivered')}, 'TOK', 60, '${SALE}', ${at}, ${at} ${each}`,
    `insert into payments (id, person_id, bot, provider, state, asset, amount, credit_asset, credit_amount, provider_ref,
        booked, created_at, updated_at, paid_at, listed_at)
      select 'load-' || n, n, ${bot}, ${rarely(100, 'heleket', 'stars')}, ${rarely(200, 'failed', 'paid')}, 'XTR', 50, 'TOK', 100, 'charge-' || n, 50, ${at}, ${at}, ${at}, ${at} ${each}`,
    `insert into payment_events (provider, event_id, payment_id, kind, created_at)
      select 'stars', 'charge-' || n, 'load-' || n, 'paid', ${at} ${each}`,
    `insert into order_events (order_id, at, to_state, actor) select 'load-' || n, ${at}, 'delivered', 'load' ${each}`,
    `insert into generations (order_id, person_id, bot, provider, model, aspect, stage, queued_at, finished_at)
      select 'load-' || n, n, 'main', 'demo', 'demo', '1:1', 'done', ${at}, ${at} ${each} where n % 5 = 0`,
    `insert into attempts (order_id, number, supplier, state, token, supplier_ref, created_at, updated_at)
      select 'load-' || n, 1, case when n % 5 = 0 then 'images:demo' else 'fragment' end, 'done', 'token-' || n, 'task-' || n,
        ${at}, ${at} ${each}`,
    // Done jobs are kept for a week and updates for two days, so there are as many as a shop of this size leaves
    // in its busiest weeks.
    `insert into outbox (key, job, payload, bot, state, created_at, updated_at, run_at, about)
      select case when n % 5 = 0 then 'image-watch-load-' || n || '-1-task' else 'notice-load-' || n end,
        case when n % 5 = 0 then 'image.watch' else 'notice.send' end,
        jsonb_build_object('orderId', 'load-' || n, 'why', 'task', 'attempt', 1), 'main', 'done', d, d, d,
        array[substr(md5(n::text), 1, 16)]
      from (select n, now() - interval '6 days' * (1 - n / ${people}.0) as d ${each}) each_of_them`,
    `insert into handled_updates (bot, update_id, handled_at)
      select 'main', n, now() - interval '47 hours' * (1 - n / ${people}.0) ${each}`,
    `insert into xp_events (source, person_id, xp, bot, at)
      select 'posting-' || 2 * n || '-' || n, n, 1 + n % 600, 'main', ${at} ${each}`,
    `insert into progress (person_id, xp) select n, 1 + n % 600 ${each}`,
    `insert into activities (person_id, bot, kind, xp, idempotency_key, digest, created_at)
      select n, 'main', 'training', 0, 'load-' || n, 'x', ${at} ${each} where n % 5 = 0`,
    `insert into badge_awards (badge, person_id, bot, given_at) select 'first-spark', n, 'main', ${at} ${each}`,
    `insert into referrals (person_id, inviter_id, bot, created_at)
      select n, n / 10, 'main', ${at} ${each} where n % 10 = 0 and n >= 20`,
    `insert into referral_rewards (source, payment, level, inviter_id, invited_id, bot, asset, amount, state, due_at, created_at)
      select 'payment-load-' || n, 'load-' || n, 1, n / 10, n, 'main', 'TOK', 5, 'cancelled', ${at}, ${at}
      ${each} where n % 10 = 0 and n >= 20`,
    `select count_invitations_anew()`,
    `insert into subscriptions (id, person_id, plan, bot, paid_with, state, renews, expires_at)
      select 'load-' || n, n, 'plus', 'main', 'balance', 'active', true, now() + interval '20 days' ${each} where n % 50 = 0`,
    `insert into audit_log (at, bot, actor_id, action, target) select ${at}, ${bot}, ${OWNER}, 'person.write', n::text ${each} where n % 100 = 0`,
    `insert into broadcasts (id, bot, created_by, state, total, next_number, sent, created_at, started_at, finished_at)
      values ('load', 'main', ${OWNER}, 'done', ${people}, ${people} + 1, ${people}, now() - interval '9 days', now() - interval '9 days',
        now() - interval '8 days')`,
    `insert into broadcast_recipients (broadcast_id, number, person_id, bot, language, state)
      select 'load', n, n, 'main', 'en', 'sent' ${each}`,
    `update badges set created_at = now() - interval '2 years'`,
    // Nobody reaches this badge, so it is looked at with each posting.
    `insert into badges (code, name, description, criteria)
      select 'collector', name, description, '{"kind":"spent","asset":"TOK","amount":"1000000000"}' from badges where code = 'first-spark'`,
    `insert into orders (id, person_id, bot, good, state, asset, price, details, created_at, updated_at)
      select '${OLD_ORDER}', person_id, bot, good, state, asset, price, details, created_at, updated_at
      from orders where id = 'load-${people >> 2}'`,
    ...heavy.flatMap((operations) => manyOperations(people, operations)),
    ...['entries', 'postings'].map(
      (table) => `select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}))`,
    ),
    `update follow_position set posting_id = (select max(id) from postings)`,
  ]
  try {
    await client.query('begin')
    await client.query('set local session_replication_role = replica')
    const { rows: indexes } = await client.query<{ name: string; text: string }>(`
      select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as text from pg_index i
      join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and not indisunique`)
    // Indexes are made anew at the end, because a million rows at once take a third of the time.
    for (const { name } of indexes) await client.query(`drop index ${name}`)
    for (const statement of statements) await client.query(statement)
    for (const { text } of indexes) await client.query(text)
    await client.query('commit')
    await client.query('vacuum analyze')
  } finally {
    await client.end()
  }
}

/** One person who was credited and bought, in turns, so many times within the year. */
function manyOperations(people: number, operations: number): string[] {
  const id = heavyId(people, operations)
  const first = 2 * people + 10 * operations
  const half = operations / 2
  const each = `from generate_series(1, ${operations}) n`
  const pairs = `from generate_series(1, ${half}) n`
  const at = `now() - interval '2 hours' - interval '365 days' * (1 - n / ${operations}.0)`
  const pairAt = `now() - interval '2 hours' - interval '365 days' * (1 - n / ${half}.0)`
  return [
    `insert into persons (id, first_name, username, language, created_at)
      values (${id}, 'Heavy', 'heavy_${operations}', 'en', now() - interval '1 year')`,
    `insert into bot_sessions (bot, person_id, created_at) values ('main', ${id}, now() - interval '1 year')`,
    `insert into postings (id, reference, kind, bot, digest, created_at) overriding system value
      select ${first} + n, 'heavy-${operations}-' || n, case n % 2 when 1 then 'payment' else 'stars' end, 'main', 'x', ${at} ${each}`,
    `insert into entries (posting_id, person_id, system, asset, amount, balance_after)
      select ${first} + n, case k when 0 then ${id} end, case when k = 1 then case n % 2 when 1 then 'provider:stars' else 'sales' end end,
        'TOK', case when n % 2 = 1 then 10 else -10 end * case k when 0 then 1 else -1 end,
        case when k = 0 then 10 * (n % 2) end
      ${each}, generate_series(0, 1) k`,
    `insert into wallets (person_id, asset) values (${id}, 'TOK')`,
    `insert into orders (id, person_id, bot, good, state, asset, price, details, created_at, updated_at)
      select 'heavy-${operations}-' || n, ${id}, 'main', 'stars', 'delivered', 'TOK', 10, '${SALE}', ${pairAt}, ${pairAt} ${pairs}`,
    `insert into payments (id, person_id, bot, provider, state, asset, amount, credit_asset, credit_amount, created_at, updated_at, paid_at)
      select 'heavy-${operations}-' || n, ${id}, 'main', 'stars', 'paid', 'XTR', 5, 'TOK', 10, ${pairAt}, ${pairAt}, ${pairAt} ${pairs}`,
    `insert into xp_events (source, person_id, xp, bot, at)
      select 'posting-' || ${first} + 2 * n || '-' || ${id}, ${id}, 1, 'main', date_trunc('week', ${pairAt}) ${pairs}`,
    `insert into progress (person_id, xp) values (${id}, ${half})`,
    `insert into activities (person_id, bot, kind, xp, idempotency_key, digest, created_at)
      select ${id}, 'main', 'lesson', 0, 'heavy-${operations}-' || n, 'x', ${pairAt} ${pairs}`,
  ]
}
