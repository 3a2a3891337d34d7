/**
 * Lists of the panel, the filters of each, and a plain statement that says which rows must be shown
 * (`bench/growth/load.ts` counts with them).
 */
export const LISTS = [
  ['payments', {}, `id from payments`],
  ['payments', { provider: 'heleket' }, `id from payments where provider = 'heleket'`],
  ['payments', { provider: 'nobody' }, `id from payments where provider = 'nobody'`],
  ['payments', { state: 'over' }, `id from payments where state = 'failed'`],
  [
    'payments',
    { state: 'paid', provider: 'heleket' },
    `id from payments where provider = 'heleket' and state = 'paid'`,
  ],
  ['payments', { bot: 'second' }, `id from payments where bot = 'second'`],
  ['payments', { bot: 'main', provider: 'heleket' }, `id from payments where false`],
  ['orders', {}, `id from orders`],
  ['orders', { bot: 'main', good: 'premium' }, `id from orders where false`],
  ['people', { source: 'autumn', state: 'blocked' }, `person_id as id from bot_sessions where false`],
  ['orders', { good: 'premium' }, `id from orders where good = 'premium'`],
  ['orders', { state: 'refunded' }, `id from orders where state = 'refunded'`],
  ['orders', { state: 'cancelled', bot: 'main' }, `id from orders where state = 'cancelled'`],
  ['orders', { bot: 'second' }, `id from orders where bot = 'second'`],
  ['people', {}, `person_id || ' ' || bot as id from bot_sessions`],
  ['people', { bot: 'second' }, `person_id || ' ' || bot as id from bot_sessions where bot = 'second'`],
  [
    'people',
    { source: 'autumn' },
    `person_id || ' ' || bot as id from bot_sessions where start_param = 'autumn'`,
  ],
  [
    'people',
    { state: 'blocked' },
    `person_id || ' ' || bot as id from bot_sessions where blocked_at is not null`,
  ],
  [
    'people',
    { state: 'banned' },
    `s.person_id || ' ' || bot as id from bot_sessions s join persons p on p.id = s.person_id where banned_at is not null`,
  ],
  ['audit', {}, `id from audit_log`],
  ['audit', { bot: 'second' }, `id from audit_log where bot = 'second'`],
] as const
