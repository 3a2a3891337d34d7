import { changeMember } from './group-members.ts'
import { botOf, objectOf, personOf, withStatus201, type Route } from './control-lib.ts'
import { addTransaction, chargeId } from './ledger.ts'
import { isObj, str, type Obj } from './params.ts'
import { giftWith } from './methods/gift-kinds.ts'
import { setBlocked } from './people.ts'
import { Refused } from './refused.ts'
import { addBot, boxOf, emptyBox, type Bot, type Person, type StoredFile, type World } from './store.ts'
import { isAdmin, permissionsFrom } from './rights.ts'

/**
 * The lists of commands in the order in which they win in a private chat: the narrower scope first, and within a
 * scope the person's language first.
 */
function commandsFor(bot: Bot, person: number | undefined, language: string): Obj[] {
  const scopes = [...(person ? [`chat:${person}`] : []), 'all_private_chats', 'default']
  const keys = scopes.flatMap((scope) => [...new Set([`${scope}|${language}`, `${scope}|`])])
  return bot.commands.get(keys.find((key) => bot.commands.has(key)) ?? '') ?? []
}

/** A bot as everybody sees it, or as one person does: in their language, with the commands of their chat. */
export function botView(bot: Bot, person?: Person): Obj {
  const { webhook, pending, poller } = bot.updates
  const language = person?.language_code ?? ''
  const inLanguage = (texts: Map<string, string>) => texts.get(language) || texts.get('')
  return {
    id: bot.id,
    username: bot.username,
    name: inLanguage(bot.names) ?? bot.name,
    description: inLanguage(bot.descriptions) ?? '',
    shortDescription: inLanguage(bot.shortDescriptions) ?? '',
    commands: commandsFor(bot, person?.id, language),
    menuButton: bot.menuButtons.get(person?.id ?? 0) ?? bot.menuButtons.get(0) ?? { type: 'default' },
    webhook: webhook
      ? {
          url: webhook.url,
          pending: pending.size,
          ...(webhook.lastError && { lastError: webhook.lastError.message }),
        }
      : null,
    polling: poller !== undefined,
    stars: bot.stars,
  }
}

export function personView(world: World, person: Person): Obj {
  const bots = [...world.bots.values()]
  const names = (test: (bot: Bot) => boolean | undefined) => bots.filter(test).map((bot) => bot.username)
  return {
    id: person.id,
    first_name: person.first_name,
    ...(person.last_name && { last_name: person.last_name }),
    ...(person.username && { username: person.username }),
    ...(person.language_code && { language_code: person.language_code }),
    is_premium: person.is_premium ?? false,
    deactivated: person.deactivated ?? false,
    blocked: names((bot) => bot.boxes.get(person.id)?.blocked),
    started: names((bot) => bot.boxes.get(person.id)?.started),
  }
}

const PROFILE = ['first_name', 'last_name', 'username', 'language_code', 'is_premium'] as const

function addPerson(world: World, body: Obj): void {
  const id = body['id']
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id <= 0)
    throw new Refused(400, 'id must be a positive number')
  if (typeof body['first_name'] !== 'string') throw new Refused(400, 'first_name must be a text')
  const known = world.people.get(id)
  const person: Person = known ?? { id, first_name: body['first_name'], starsSpent: 0, gifts: [] }
  for (const name of PROFILE) if (body[name] !== undefined) Object.assign(person, { [name]: body[name] })
  if (typeof body['photo'] === 'string') {
    if (person.photo) person.olderPhotos = [person.photo, ...(person.olderPhotos ?? [])]
    person.photo = ofNobody('photo', 'photo.jpg', 'image/jpeg', body['photo'])
  }
  if (Array.isArray(body['audios']))
    person.audios = body['audios'].map((one: unknown) =>
      ofNobody('audio', 'audio.mp3', 'audio/mpeg', String(one)),
    )
  world.people.set(id, person)
  startAll(world, id, body['started'])
}

/** A file that is no bot's yet: a bot that asks for it gets a copy under an id of its own. */
const ofNobody = (kind: string, name: string, type: string, base64: string): StoredFile => ({
  id: '',
  uniqueId: '',
  kind,
  name,
  type,
  bytes: Buffer.from(base64, 'base64'),
  width: 0,
  height: 0,
  path: '',
})

function startAll(world: World, id: number, started: unknown): void {
  for (const username of Array.isArray(started) ? started : [])
    boxOf(botOf(world, String(username)), id).started = true
}

export const addPeople: Route = ({ world, body }) => {
  if (Array.isArray(body)) {
    for (const one of body as unknown[]) addPerson(world, objectOf(one))
    world.events.emit('person', { at: world.clock.now() })
    return withStatus201({ created: body.length })
  }
  const asked = objectOf(body)
  if (asked['count'] === undefined) {
    addPerson(world, asked)
    world.events.emit('person', { at: world.clock.now(), person: asked['id'] })
    return withStatus201({ created: 1 })
  }
  const count = Number(asked['count'])
  const first = Number(asked['firstId'] ?? 1_000_001)
  if (!(count > 0 && count <= 1_000_000)) throw new Refused(400, 'count must be 1 to 1000000')
  for (let id = first; id < first + count; id++) {
    world.people.set(id, { id, first_name: `Person ${id}`, starsSpent: 0, gifts: [] })
    startAll(world, id, asked['started'])
  }
  world.events.emit('person', { at: world.clock.now() })
  return withStatus201({ created: count })
}

const changePerson: Route = ({ world, path, body }) => {
  const person = personOf(world, path['person'])
  const asked = objectOf(body)
  if (asked['block'] !== undefined) setBlocked(world, botOf(world, str(asked['block'])), person, true)
  if (asked['unblock'] !== undefined) setBlocked(world, botOf(world, str(asked['unblock'])), person, false)
  if (typeof asked['deactivated'] === 'boolean') person.deactivated = asked['deactivated']
  for (const name of PROFILE) if (asked[name] !== undefined) Object.assign(person, { [name]: asked[name] })
  if (typeof asked['personal_chat'] === 'number') person.personalChat = asked['personal_chat']
  if (asked['emoji_status_by'] !== undefined)
    boxOf(botOf(world, str(asked['emoji_status_by'])), person.id).mayChangeStatus = true
  if (typeof asked['stars'] === 'number') person.stars = asked['stars']
  if (typeof asked['nanograms'] === 'number') person.nanograms = asked['nanograms']
  if (isObj(asked['affiliate'])) {
    const { user, per_mille: perMille } = asked['affiliate']
    if (
      typeof user !== 'number' ||
      !Number.isInteger(perMille) ||
      !(Number(perMille) > 0 && Number(perMille) < 1000)
    )
      throw new Refused(400, 'affiliate is {user: <id>, per_mille: 1 to 999}')
    person.affiliate = { user, perMille: Number(perMille) }
  }
  if (isObj(asked['profile'])) person.profile = { ...person.profile, ...asked['profile'] }
  world.events.emit('person', { at: world.clock.now(), person: person.id })
  return personView(world, person)
}

const addGroup: Route = ({ world, body }) => {
  const asked = objectOf(body)
  const { id, type, title, username, members, is_forum: forum, joins_by: joinsBy } = asked
  if (typeof id !== 'number' || id >= 0) throw new Refused(400, 'id must be a negative number')
  if (type !== 'group' && type !== 'supergroup' && type !== 'channel') throw new Refused(400, 'unknown type')
  const channel = world.groups.get(Number(asked['direct_messages_of'] ?? 0))
  if (asked['direct_messages_of'] !== undefined && (channel?.type !== 'channel' || type !== 'supergroup'))
    throw new Refused(400, 'direct messages are a supergroup of a channel that is there')
  world.groups.set(id, {
    id,
    type,
    title: String((title as string | undefined) ?? 'Group'),
    ...(typeof username === 'string' && { username: username.replace(/^@/, '') }),
    // People who administer the channel read and write its direct messages.
    members: channel?.members ?? membersOf(members),
    ...(channel && { messagesOf: channel.id }),
    lastMessageId: 0,
    box: emptyBox(),
    ...(forum === true && { isForum: true }),
    ...(typeof joinsBy === 'number' && { joinsBy }),
  })
  return withStatus201({ id })
}

const membersOf = (members: unknown) =>
  new Map(
    Object.entries(isObj(members) ? members : {}).map(([id, status]) => [
      Number(id),
      String(status as string),
    ]),
  )

const changeGroup: Route = ({ world, path, body }) => {
  const group = world.groups.get(Number(path['id']))
  if (!group) throw new Refused(404, 'there is no such chat')
  const asked = objectOf(body)
  if (typeof asked['title'] === 'string') group.title = asked['title']
  if (isObj(asked['profile'])) group.profile = { ...group.profile, ...asked['profile'] }
  if (typeof asked['migrate_to_chat_id'] === 'number') group.migratedTo = asked['migrate_to_chat_id']
  if (isObj(asked['permissions'])) group.permissions = permissionsFrom(asked['permissions'], true)
  if (typeof asked['is_forum'] === 'boolean') group.isForum = asked['is_forum']
  if (typeof asked['slow_mode_delay'] === 'number') group.slowModeDelay = asked['slow_mode_delay']
  for (const [id, status] of membersOf(asked['members'])) changeMember(world, group, id, status)
  for (const [id, rights] of Object.entries(isObj(asked['withheld']) ? asked['withheld'] : {})) {
    const status = group.members.get(Number(id))
    if (!isAdmin(status) || !Array.isArray(rights)) throw new Refused(409, 'withheld is of administrators')
    changeMember(world, group, Number(id), status!, { withheld: rights.map(String) })
  }
  return { id: group.id }
}

/** A grey pixel for games without a photo of their own, because every game has a photo. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** Gives a bot a game, as BotFather's /newgame does. */
const addGame: Route = ({ world, path, body }) => {
  const { short_name: shortName, title, description, photo } = objectOf(body)
  if (typeof shortName !== 'string' || !/^\w{3,30}$/.test(shortName))
    throw new Refused(400, 'short_name must have 3 to 30 characters of A-Z, a-z, 0-9 and _')
  botOf(world, path['bot']).games.set(shortName, {
    shortName,
    title: str(title) || shortName,
    description: str(description),
    photo: typeof photo === 'string' ? Buffer.from(photo, 'base64') : PIXEL,
  })
  return withStatus201({ short_name: shortName })
}

const PARTNERS = ['affiliate_program', 'fragment', 'telegram_ads', 'other']

/** Stars that come or go otherwise than by people and chats: a withdrawal, an advertisement, a commission. */
const addTransfer: Route = ({ world, path, body }) => {
  const bot = botOf(world, path['bot'])
  const { amount, partner } = objectOf(body)
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || amount === 0)
    throw new Refused(400, 'amount is a number of Stars: above 0 they come, below 0 they go')
  if (!isObj(partner) || !PARTNERS.includes(str(partner['type'])))
    throw new Refused(400, `partner has a type: ${PARTNERS.join(', ')}`)
  if (bot.stars + amount < 0) throw new Refused(409, 'the bot has too few Stars')
  bot.stars += amount
  const id = chargeId()
  addTransaction(world, bot, {
    id,
    amount: Math.abs(amount),
    [amount > 0 ? 'source' : 'receiver']: partner,
  })
  return withStatus201({ id })
}

/** Makes a gift one of which there are only so many. */
const limitGift: Route = ({ world, path, body }) => {
  const gift = giftWith(path['gift'] ?? '')
  if (!gift) throw new Refused(404, 'there is no such gift')
  const { total, left = total, per_bot: perBot } = objectOf(body)
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
  if (!isCount(total) || !isCount(left) || (perBot !== undefined && !isCount(perBot)))
    throw new Refused(400, 'total, left and per_bot are counts')
  const counts = { total: total as number, left: left as number }
  world.giftLimits.set(gift.id, {
    ...counts,
    ...(perBot !== undefined && { perBot: perBot as number }),
    given: new Map(),
  })
  return { id: gift.id, ...counts }
}

export const setupRoutes: Record<string, Route> = {
  'POST /bots': ({ world, body }) => {
    const { token, username, name, stars } = objectOf(body)
    if (typeof token !== 'string' || !/^\d+:[\w-]+$/.test(token))
      throw new Refused(400, 'token must look like 123:abc')
    if (typeof username !== 'string') throw new Refused(400, 'username must be a text')
    const is = {
      token,
      username: username.replace(/^@/, ''),
      name: typeof name === 'string' ? name : username,
    }
    return withStatus201(botView(addBot(world, { ...is, ...(typeof stars === 'number' && { stars }) })))
  },
  'GET /bots': ({ world }) => [...world.bots.values()].map((bot) => botView(bot)),
  'PATCH /bots/:bot': ({ world, path, body }) => {
    const bot = botOf(world, path['bot'])
    const {
      stars,
      can_read_all_group_messages: all,
      can_connect_to_business: business,
      can_verify: verifies,
      supports_guest_queries: guest,
      supports_inline_queries: inline,
      has_topics_enabled: topics,
      allows_users_to_create_topics: madeByPeople,
      can_manage_bots: manages,
    } = objectOf(body)
    if (typeof stars === 'number') bot.stars = stars
    if (typeof all === 'boolean') bot.readsAllGroups = all
    if (typeof business === 'boolean') bot.doesBusiness = business
    if (typeof verifies === 'boolean') bot.verifies = verifies
    if (typeof guest === 'boolean') bot.isGuest = guest
    if (typeof inline === 'boolean') bot.hasNoInline = !inline
    if (typeof topics === 'boolean') bot.hasTopics = topics
    if (typeof madeByPeople === 'boolean') bot.peopleMakeTopics = madeByPeople
    if (typeof manages === 'boolean') bot.managesBots = manages
    return botView(bot)
  },
  'POST /bots/:bot/games': addGame,
  'POST /bots/:bot/transactions': addTransfer,
  'PUT /gifts/:gift': limitGift,
  'POST /people': addPeople,
  'GET /people': ({ world, query }) => {
    const after = Number(query.get('after') ?? 0)
    const limit = Number(query.get('limit') ?? 100)
    const ids = [...world.people.keys()].filter((id) => id > after).sort((a, b) => a - b)
    return ids.slice(0, limit).map((id) => personView(world, world.people.get(id)!))
  },
  'GET /people/:person': ({ world, path }) => {
    const person = personOf(world, path['person'])
    return {
      ...personView(world, person),
      stars_spent: person.starsSpent,
      premium_until: person.premiumUntil ?? null,
      gifts: person.gifts,
      ...(person.stories && { stories: [...person.stories.values()] }),
    }
  },
  'PATCH /people/:person': changePerson,
  'POST /chats': addGroup,
  'PATCH /chats/:id': changeGroup,
}
