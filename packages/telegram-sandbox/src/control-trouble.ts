import { botOf, objectOf, withStatus201, type Route } from './control-lib.ts'
import { isObj, type Obj } from './params.ts'
import { Refused } from './refused.ts'
import { botNamed, boxOf, type World } from './store.ts'
import { changeSettings } from './settings.ts'
import { createUpdates, dropPending, inject, push } from './updates.ts'
import { stopWebhook } from './webhook.ts'

const injectUpdate: Route = ({ world, body }) => {
  const { bot: username, update, repeat, times } = objectOf(body)
  const bot = botOf(world, String(username))
  if (repeat !== undefined) {
    const sent = bot.updates.sent.get(Number(repeat))
    if (!sent) throw new Refused(404, 'no such update was sent lately')
    for (let n = 0; n < Number(times ?? 1); n++)
      push(world, bot, { ...sent, attempts: 0, failures: 0, forced: true })
    return withStatus201({ update_id: sent.id })
  }
  if (!isObj(update)) throw new Refused(400, 'update must be an object')
  const id = typeof update['update_id'] === 'number' ? update['update_id'] : bot.updates.lastId + 1
  inject(world, bot, { ...update, update_id: id })
  return withStatus201({ update_id: id })
}

const moveClock: Route = ({ world, body }) => {
  const { advance_ms: by, now, stand } = objectOf(body)
  if (stand === true) world.clock.stand()
  else move(world, by, now)
  return { now: world.clock.now() }
}

function move(world: World, by: unknown, now: unknown): void {
  const ms = typeof by === 'number' ? by : Number(now) - world.clock.now()
  if (!(ms >= 0)) throw new Refused(400, 'the clock goes forward only')
  world.clock.advance(ms)
}

const reset: Route = ({ world, body }) => {
  resetWorld(world, objectOf(body)['bots'] !== false)
  return {}
}

/** Everything is gone except the bots, or these as well. */
export function resetWorld(world: World, keepBots = true): void {
  world.people.clear()
  world.groups.clear()
  world.links.clear()
  world.payments.clear()
  world.callbacks.clear()
  world.inlineQueries.clear()
  world.inlineMessages.clear()
  world.guestQueries.clear()
  world.prepared.clear()
  world.webAppQueries.clear()
  world.businesses.clear()
  world.invites.clear()
  world.joinQueries.clear()
  world.stickerSets.clear()
  for (const end of world.checkouts.values()) end({ ok: false, error: 'reset' })
  world.requests = []
  world.faults.replace([])
  world.events.clear()
  for (const bot of world.bots.values()) {
    dropPending(bot)
    bot.boxes.clear()
    bot.files.clear()
    bot.transactions = []
    bot.buckets.clear()
    bot.games.clear()
    bot.scores.clear()
    bot.inlineCache?.clear()
    Object.assign(bot, { stars: 0, nanostars: 0, revoked: false })
    if (keepBots) continue
    bot.updates.poller?.stop(
      'terminated by other getUpdates request; make sure that only one bot instance is running',
    )
    stopWebhook(bot)
    bot.updates = createUpdates()
  }
  world.fileBytes = 0
  if (!keepBots) world.bots.clear()
}

/**
 * Empties the chats. Bots keep their Stars, and people stay, also among those who have started or blocked a bot: it
 * remembers them, and could not write to them any more.
 */
export function emptyChats(world: World): void {
  const people = [...world.people]
  const kept = [...world.bots.values()].map((bot) => ({
    bot,
    stars: bot.stars,
    nanostars: bot.nanostars,
    boxes: [...bot.boxes].map(([id, { started, blocked }]) => ({ id, started, blocked })),
  }))
  resetWorld(world)
  for (const [id, person] of people) world.people.set(id, person)
  for (const { bot, stars, nanostars, boxes } of kept) {
    Object.assign(bot, { stars, nanostars })
    for (const { id, started, blocked } of boxes) Object.assign(boxOf(bot, id), { started, blocked })
  }
}

const paymentsList = (world: World, bot: string | null, person: string | null): Obj[] =>
  [...world.payments.values()].flatMap((payment) => {
    const username = world.bots.get(payment.botId)?.username
    if (bot && username !== bot) return []
    if (person && payment.person !== Number(person)) return []
    const { chargeId, payload, amount, date, refunded, subscription } = payment
    return [
      {
        charge_id: chargeId,
        person: payment.person,
        bot: username,
        payload,
        amount,
        date,
        refunded,
        ...(subscription && {
          subscription: { expires: subscription.expires, canceled: subscription.canceled },
        }),
      },
    ]
  })

export const troubleRoutes: Record<string, Route> = {
  'GET /requests': ({ world, query }) => {
    const bot = query.get('bot')
    const method = query.get('method')?.toLowerCase()
    const after = Number(query.get('after') ?? 0)
    const limit = Number(query.get('limit') ?? 1000)
    const wanted = world.requests
      .slice(-world.settings.keepRequests)
      .filter(
        (one) =>
          one.id > after && (!bot || one.bot === bot) && (!method || one.method.toLowerCase() === method),
      )
    return query.has('after') ? wanted.slice(0, limit) : wanted.slice(-limit)
  },
  'GET /payments': ({ world, query }) => paymentsList(world, query.get('bot'), query.get('person')),
  'GET /updates': ({ world, query }) => {
    const bot = botNamed(world, query.get('bot') ?? '')
    const bots = bot ? [bot] : [...world.bots.values()]
    return bots.flatMap(({ username, updates }) =>
      [...updates.pending].map(({ body, kind, attempts, failures, expires }) => ({
        bot: username,
        kind,
        attempts,
        failures,
        expires,
        update: body,
      })),
    )
  },
  'POST /updates': injectUpdate,
  'GET /faults': ({ world }) => world.faults.list(),
  'PUT /faults': ({ world, body }) => {
    if (!Array.isArray(body)) throw new Refused(400, 'the body must be an array of rules')
    world.faults.replace(body.map(objectOf))
    return world.faults.list()
  },
  'POST /faults': ({ world, body }) => withStatus201({ id: world.faults.add(objectOf(body)).id }),
  'DELETE /faults/:id': ({ world, path }) => {
    if (!world.faults.remove(Number(path['id']))) throw new Refused(404, 'there is no such rule')
    return {}
  },
  'GET /settings': ({ world }) => world.settings,
  'PUT /settings': ({ world, body }) => {
    changeSettings(world.settings, objectOf(body))
    return world.settings
  },
  'PUT /clock': moveClock,
  'POST /reset': reset,
}
