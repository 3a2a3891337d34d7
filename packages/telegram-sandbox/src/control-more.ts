import {
  botOf,
  CHAT,
  inChat,
  numbersOf,
  objectOf,
  personOf,
  withStatus201,
  type Ask,
  type Route,
} from './control-lib.ts'
import type { InviteLink } from './group-parts.ts'
import { addTransaction, chargeId } from './ledger.ts'
import { addMessage, editView } from './messages.ts'
import { tellManager, tokenOf } from './methods/managed.ts'
import { addTopic } from './methods/topics.ts'
import { vote } from './methods/polls.ts'
import { str, type Obj } from './params.ts'
import { changeMember } from './group-members.ts'
import { placeOfPerson, queryId } from './payments.ts'
import { Refused } from './refused.ts'
import {
  addBot,
  botNamed,
  chatOfGroup,
  chatOfPerson,
  seconds,
  userOfBot,
  userOfPerson,
  type Bot,
  type Group,
  type Person,
  type World,
} from './store.ts'
import { happen } from './updates.ts'
import { isAdmin } from './rights.ts'

function linkFrom({ world, body }: Ask, group: number): InviteLink {
  const slug = str(objectOf(body)['link']).replace(/^https:\/\/t\.me\/\+/, '')
  const link = world.invites.get(slug)
  if (!link || link.group !== group || link.is_revoked)
    throw new Refused(404, 'this link is not valid any more')
  if ((link.expire_date ?? Infinity) <= seconds(world)) throw new Refused(409, 'this link has expired')
  if ((link.asked ?? 0) >= (link.member_limit ?? Infinity))
    throw new Refused(409, 'this link was used too often')
  return link
}

/** Who came by a link with a price pays for each period, and is out when the Stars are. @throws Refused */
function subscribe(world: World, group: Group, link: InviteLink, person: Person): void {
  const price = link.subscription_price!
  if (person.stars !== undefined && person.stars < price)
    throw new Refused(409, 'this person has too few Stars')
  if (person.stars !== undefined) person.stars -= price
  person.starsSpent += price
  const until = seconds(world) + link.subscription_period!
  changeMember(world, group, person.id, 'member', { limits: { until_date: until } })
  world.clock.after(link.subscription_period! * 1000, () => {
    if (group.members.get(person.id) !== 'member') return
    try {
      subscribe(world, group, link, person)
    } catch {
      changeMember(world, group, person.id, 'left')
    }
  })
}

/** "Bot API", ChatJoinRequest: the bot must answer within 10 seconds. */
const JOIN_QUERY_MS = 10_000

/** Somebody opens an invite link: they are in, or their wish goes to the bots that administer the group. */
const join: Route = (ask) => {
  const { world, path } = ask
  const group = world.groups.get(Number(path['id']))
  if (!group) throw new Refused(404, 'there is no such chat')
  const person = personOf(world, str(objectOf(ask.body)['person']))
  const link = linkFrom(ask, group.id)
  const status = group.members.get(person.id) ?? 'left'
  // A banned person sees an expired link, and a member opens the chat and asks nothing.
  if (status === 'kicked') throw new Refused(409, 'this link has expired')
  if (!status.endsWith('left')) return { joined: true }
  link.asked = (link.asked ?? 0) + 1
  if (link.subscription_price !== undefined) {
    subscribe(world, group, link, person)
    return { joined: true }
  }
  if (!link.creates_join_request) {
    changeMember(world, group, person.id, 'member')
    return { joined: true }
  }
  ;(group.joinRequests ??= new Set()).add(person.id)
  for (const bot of world.bots.values()) {
    if (!isAdmin(group.members.get(bot.id))) continue
    const query = group.joinsBy === bot.id ? queryId() : undefined
    const expires = world.clock.now() + JOIN_QUERY_MS
    if (query !== undefined)
      world.joinQueries.set(`${bot.id}:${query}`, { group: group.id, person: person.id, expires })
    happen(world, bot, 'chat_join_request', {
      chat: chatOfGroup(group),
      from: userOfPerson(person),
      user_chat_id: person.id,
      date: seconds(world),
      invite_link: { invite_link: `https://t.me/+${link.slug}`, creator: link.creator },
      ...(query !== undefined && { query_id: query }),
    })
  }
  return { joined: false }
}

const DAY_S = 24 * 60 * 60

/** Somebody with Premium boosts a chat; its bots that administer it hear of that, and of its end. */
const boost: Route = ({ world, path, body }) => {
  const group = world.groups.get(Number(path['id']))
  if (!group) throw new Refused(404, 'there is no such chat')
  const { person: given, days } = objectOf(body)
  const user = userOfPerson(personOf(world, str(given)))
  const source = { source: 'premium', user }
  const now = seconds(world)
  const lasts = Number(days ?? 30) * DAY_S
  const made = { boost_id: queryId(), add_date: now, expiration_date: now + lasts, source }
  ;(group.boosts ??= []).push(made)
  const tell = (kind: string, more: Obj) => {
    for (const bot of world.bots.values())
      if (isAdmin(group.members.get(bot.id))) happen(world, bot, kind, { chat: chatOfGroup(group), ...more })
  }
  tell('chat_boost', { boost: made })
  world.clock.after(lasts * 1000, () =>
    tell('removed_chat_boost', { boost_id: made.boost_id, remove_date: seconds(world), source }),
  )
  return withStatus201({ boost_id: made.boost_id })
}

/** Buys paid media: the Stars are the bot's at once, and it hears of it when it gave the media a payload. */
function purchase({ world, body }: Ask, bot: Bot, person: Person): Obj {
  const place = placeOfPerson(bot, person)
  const stored = place.box.messages.get(Number(objectOf(body)['message_id']))
  if (!stored?.paid || stored.deleted) throw new Refused(404, 'there are no such paid media')
  const { stars, payload, buyers } = stored.paid
  if (buyers.has(person.id)) throw new Refused(409, 'bought already')
  buyers.add(person.id)
  bot.stars += stars
  person.starsSpent += stars
  const id = chargeId()
  const { paid_media: media } = stored.api['paid_media'] as { paid_media: Obj[] }
  addTransaction(world, bot, {
    id,
    amount: stars,
    source: {
      type: 'user',
      transaction_type: 'paid_media_payment',
      user: userOfPerson(person),
      paid_media: media,
      ...(payload && { paid_media_payload: payload }),
    },
  })
  editView(world, bot, place, stored)
  if (payload)
    happen(world, bot, 'purchased_paid_media', { from: userOfPerson(person), paid_media_payload: payload })
  return { charge_id: id }
}

/** Ends a draft that the bot is still writing. */
function stopDraft({ world, body }: Ask, bot: Bot, person: Person): Obj {
  const draft = Number(objectOf(body)['draft_id'])
  happen(world, bot, 'stopped_message_generation', { chat: chatOfPerson(person), draft_id: draft })
  return { stopped: draft }
}

const BLUE = 0x6fb9f0

/** A person makes a topic in the chat with a bot that lets people do so. */
function makeTopic({ world, body }: Ask, bot: Bot, person: Person): Obj {
  const { name, icon_color: color } = objectOf(body)
  const place = placeOfPerson(bot, person)
  if (!bot.hasTopics || !bot.peopleMakeTopics) throw new Refused(409, 'people make no topics in this chat')
  if (str(name).trim() === '') throw new Refused(400, 'name must be a text')
  const topics = (place.box.topics ??= new Map())
  const is = { name: str(name).trim(), icon_color: Number(color ?? BLUE) }
  const { topic, stored } = addTopic({ world, bot }, { place, topics }, is, person)
  happen(world, bot, 'message', stored.api)
  return withStatus201({ message_thread_id: topic.message_thread_id })
}

const FIRST_MANAGED_BOT = 8_000_000_000

/** The person makes a bot that this bot manages. */
function makeBot({ world, body }: Ask, bot: Bot, person: Person): Obj {
  const { name, username } = objectOf(body)
  if (!bot.managesBots) throw new Refused(409, 'this bot manages no others (can_manage_bots)')
  if (!/^\w{2,29}bot$/i.test(str(username))) throw new Refused(400, 'username must end with "bot"')
  if (botNamed(world, str(username))) throw new Refused(409, 'this username is taken')
  let id = FIRST_MANAGED_BOT
  while (world.bots.has(id)) id++
  const made = addBot(world, {
    token: tokenOf(id),
    username: str(username),
    name: str(name) || str(username),
  })
  made.managed = { by: bot.id, owner: person.id, isRestricted: false, added: [] }
  world.events.emit('bot', { at: world.clock.now(), bot: made.username })
  const stored = addMessage(world, bot, placeOfPerson(bot, person), {
    from: 'service',
    content: { managed_bot_created: { bot: userOfBot(made) } },
  })
  happen(world, bot, 'message', stored.api)
  tellManager(world, made.managed, made)
  return withStatus201({ id, username: made.username })
}

export const moreRoutes: Record<string, Route> = {
  'POST /chats/:id/join': join,
  'POST /chats/:id/boosts': boost,
  [`POST ${CHAT}/messages/:message/votes`]: (ask) => {
    const bot = botOf(ask.world, ask.path['bot'])
    const person = personOf(ask.world, ask.path['person'])
    const options = numbersOf(objectOf(ask.body)['options'])
    return vote(ask.world, bot, person, placeOfPerson(bot, person), Number(ask.path['message']), options)
  },
  [`POST ${CHAT}/stop_draft`]: inChat(stopDraft),
  [`POST ${CHAT}/purchases`]: inChat(purchase),
  [`POST ${CHAT}/managed_bots`]: inChat(makeBot),
  [`POST ${CHAT}/topics`]: inChat(makeTopic),
}
