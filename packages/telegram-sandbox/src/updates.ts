import type { Obj } from './params.ts'
import type { Bot, World } from './store.ts'

export interface Update {
  body: Obj
  id: number
  kind: string
  queue: string
  person: number | undefined
  expires: number
  attempts: number
  /** How many failed deliveries have been noted, each with a time for its retry. */
  failures: number
  /** True if polling gives the update out although a higher id is confirmed already. */
  forced: boolean
}

export interface Queue {
  key: string
  list: Update[]
  busy: boolean
  cancelRetry?: () => void
}

export interface Webhook {
  url: string
  secret: string
  maxConnections: number
  /** Where its host was found, or what the bot gave. */
  ip: string
  fixedIp: string
  /** The certificate that the bot gave, PEM. */
  certificate?: string
  inFlight: number
  ready: Set<Queue>
  /** Since when the bot's server has answered only 410; after 23 hours the webhook is removed. */
  goneSince?: number
  lastError?: { date: number; message: string }
}

/** Undelivered updates of one bot, in queues whose order is kept. */
export interface Updates {
  lastId: number
  pending: Set<Update>
  queues: Map<string, Queue>
  held: Map<string, Update>
  sent: Map<number, Update>
  allowed: string[] | undefined
  webhook: Webhook | undefined
  poller: { stop(reason: string): void; wake(): void } | undefined
  lastPoll: { offset: number; at: number }
  lastConflict: number
  nextSetWebhook: number
  /** Starts delivery of whatever can go out now. */
  kick: () => void
}

/** Kinds of updates that come only if allowed_updates asks for them ("Bot API", setWebhook). */
const ONLY_ASKED = ['chat_member', 'message_reaction', 'message_reaction_count']

/** How many delivered updates can be repeated by the control API. */
const KEEP_SENT = 1000

export const createUpdates = (): Updates => ({
  // The first id is a large random number, as for real bots, so that no bot counts on 1.
  lastId: 100_000_000 + Math.floor(Math.random() * 800_000_000),
  pending: new Set(),
  queues: new Map(),
  held: new Map(),
  sent: new Map(),
  allowed: undefined,
  webhook: undefined,
  poller: undefined,
  lastPoll: { offset: 0, at: 0 },
  lastConflict: 0,
  nextSetWebhook: 0,
  kick: () => {},
})

const QUERY_KINDS = ['callback_query', 'shipping_query', 'pre_checkout_query']

/** Separate queues per chat, per presser of buttons and per buyer; inside a queue order is kept. */
function queueOf(kind: string, body: Obj): { queue: string; person: number | undefined } {
  const payload = body[kind] as { from?: { id: number }; chat?: { id: number }; user?: { id: number } }
  const person = payload?.from?.id ?? payload?.user?.id
  const chat = payload?.chat?.id ?? person ?? 0
  const queue =
    kind === 'callback_query'
      ? `callback:${person}`
      : kind.endsWith('_query')
        ? `${kind}:${person}`
        : `chat:${chat}`
  return { queue, person }
}

/** Something happened that the bot is to hear of. */
export function happen(world: World, bot: Bot, kind: string, payload: unknown): void {
  const wanted = bot.updates.allowed
  if (wanted?.length ? !wanted.includes(kind) : ONLY_ASKED.includes(kind)) return
  const id = ++bot.updates.lastId
  inject(world, bot, { update_id: id, [kind]: payload })
}

/** Queues a complete update, through the fault script. */
export function inject(world: World, bot: Bot, body: Obj): void {
  const kind = Object.keys(body).find((name) => name !== 'update_id') ?? 'unknown'
  const inner = body[kind]
  const kinds = [kind]
  if (kind === 'message' && typeof inner === 'object' && inner !== null)
    for (const name of ['successful_payment', 'refunded_payment', 'users_shared', 'photo', 'document'])
      if (name in inner) kinds.push(name)
  const id = Number(body['update_id'])
  bot.updates.lastId = Math.max(bot.updates.lastId, id)
  const life = QUERY_KINDS.includes(kind) ? world.settings.queryLifeMs : world.settings.messageLifeMs
  const update: Update = {
    body,
    id,
    kind,
    ...queueOf(kind, body),
    expires: world.clock.now() + life,
    attempts: 0,
    failures: 0,
    forced: false,
  }

  const person = update.person
  const fault = world.faults.forUpdate({ bot: bot.username, kinds, ...(person !== undefined && { person }) })
  if (fault?.lose) return report(world, bot, update, 'lost')
  if (fault?.delay_ms !== undefined) {
    world.clock.after(fault.delay_ms, () => push(world, bot, { ...update, forced: true }))
    return
  }
  if (fault?.swap) {
    bot.updates.held.set(update.queue, { ...update, forced: true })
    return
  }
  push(world, bot, update)
  for (let copy = 0; copy < (fault?.duplicate ?? 0); copy++) push(world, bot, { ...update, forced: true })
  const held = bot.updates.held.get(update.queue)
  if (held) {
    bot.updates.held.delete(update.queue)
    push(world, bot, held)
  }
}

export function push(world: World, bot: Bot, update: Update): void {
  const { updates } = bot
  updates.pending.add(update)
  let queue = updates.queues.get(update.queue)
  if (!queue) updates.queues.set(update.queue, (queue = { key: update.queue, list: [], busy: false }))
  queue.list.push(update)
  updates.sent.set(update.id, update)
  if (updates.sent.size > KEEP_SENT) updates.sent.delete(updates.sent.keys().next().value!)
  if (updates.webhook && !queue.busy) updates.webhook.ready.add(queue)
  report(world, bot, update, 'queued')
  updates.kick()
}

/** Takes an update off its queue: delivered, expired or dropped. */
export function remove(bot: Bot, update: Update): void {
  bot.updates.pending.delete(update)
  const queue = bot.updates.queues.get(update.queue)
  if (!queue) return
  const at = queue.list.indexOf(update)
  if (at >= 0) queue.list.splice(at, 1)
  if (queue.list.length === 0 && !queue.busy) bot.updates.queues.delete(update.queue)
}

export function dropPending(bot: Bot): void {
  for (const queue of bot.updates.queues.values()) queue.cancelRetry?.()
  bot.updates.pending.clear()
  bot.updates.queues.clear()
  bot.updates.held.clear()
  bot.updates.webhook?.ready.clear()
}

export function report(
  world: World,
  bot: Bot,
  update: Update,
  state: 'queued' | 'delivered' | 'failed' | 'expired' | 'lost',
  more: Obj = {},
): void {
  world.events.emit('update', {
    at: world.clock.now(),
    bot: bot.username,
    ...(update.person !== undefined && { person: update.person }),
    update_id: update.id,
    kind: update.kind,
    state,
    ...more,
  })
}
