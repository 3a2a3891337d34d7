import type { Group, InviteLink, Topic } from './group-parts.ts'
import type { Game } from './methods/games.ts'
import type { Business } from './business.ts'
import type { GuestQuery } from './guests.ts'
import type { InlineMessage } from './inline-messages.ts'
import type { GiftLimit } from './methods/gift-kinds.ts'
import type { Managed } from './methods/managed.ts'
import { createClock, type Clock } from './lib/clock.ts'
import { createEventLog, type EventLog } from './lib/events.ts'
import type { FaultScript } from './faults.ts'
import { createFaults } from './faults.ts'
import type { Bucket } from './limits.ts'
import type { Prepared } from './methods/prepared.ts'
import type { Obj } from './params.ts'
import type { StickerSet } from './stickers.ts'
import type { CheckoutAnswer, Invoice, Payment } from './payment-parts.ts'
import type { Person } from './person-parts.ts'
import type { Stored, StoredFile } from './stored.ts'
import { DEFAULTS, type Settings } from './settings.ts'
import { createUpdates, type Updates } from './updates.ts'

export type { Group, Invoice, Payment, Person, Stored, StoredFile }

/** Everything the simulator knows. */
export interface World {
  settings: Settings
  clock: Clock
  events: EventLog
  faults: FaultScript
  bots: Map<number, Bot>
  people: Map<number, Person>
  groups: Map<number, Group>
  requests: CallRecord[]
  lastRequest: number
  /** Invoices by link slug, with the bot that made them. */
  links: Map<string, Invoice>
  payments: Map<string, Payment>
  checkouts: Map<string, (answer: CheckoutAnswer) => void>
  callbacks: Map<string, CallbackQuery>
  inlineQueries: Map<string, CallbackQuery>
  /** What people sent through bots, by `inline_message_id`. */
  inlineMessages: Map<string, InlineMessage>
  /** Calls of bots that are guests in a chat, by `bot:query_id`. */
  guestQueries: Map<string, GuestQuery>
  /** What bots prepared for Mini Apps, by `bot:id`. */
  prepared: Map<string, Prepared>
  /** The person who has a Mini App open, by `bot:query_id`. */
  webAppQueries: Map<string, number>
  /** Wishes to join that wait for a bot's answer, by `bot:query_id`. */
  joinQueries: Map<string, { group: number; person: number; expires: number }>
  /** Connections of bots with business accounts, by id. */
  businesses: Map<string, Business>
  /** The limits of gifts, by the gift's id. */
  giftLimits: Map<string, GiftLimit>
  /** Invite links by the last part of their address. */
  invites: Map<string, InviteLink>
  /** Sets of stickers by their names in small letters. */
  stickerSets: Map<string, StickerSet>
  fileBytes: number
  closing: AbortController
  /** The base of this server's own urls, known once it listens. */
  url: string
}

export interface Bot {
  id: number
  token: string
  username: string
  name: string
  revoked: boolean
  /** Texts by language code, '' = for everybody. */
  names: Map<string, string>
  descriptions: Map<string, string>
  shortDescriptions: Map<string, string>
  /** Commands by `scope|language`. */
  commands: Map<string, Obj[]>
  menuButtons: Map<number, Obj>
  /** The bot's Stars. `nanostars` are billionths of a Star. */
  stars: number
  nanostars: number
  transactions: Obj[]
  files: Map<string, StoredFile>
  lastFile: number
  boxes: Map<number, Box>
  lastMessageId: number
  updates: Updates
  buckets: Map<string, Bucket>
  /** Rights that the bot asks for when somebody makes it an administrator. */
  defaultRights: { groups?: Obj; channels?: Obj }
  photo?: StoredFile
  /** The bot's privacy mode is off (BotFather, /setprivacy). */
  readsAllGroups?: boolean
  /** Games by their short names. */
  games: Map<string, Game>
  /** The score of each player, by `chat:game`. */
  scores: Map<string, Map<number, number>>
  /** The bot's answers to inline queries, by person and query, as long as they may be used again. */
  inlineCache?: Map<string, { until: number; answer: Obj }>
  /** When the bot began, in seconds. */
  launched: number
  /** Until this time the bot has left this server (logOut). */
  loggedOutUntil?: number
  /** The bot's business mode is on (BotFather). */
  doesBusiness?: boolean
  /** Other bots may be made for it (BotFather). */
  managesBots?: boolean
  /** The bot may verify people and chats in the name of an organisation. */
  verifies?: boolean
  /** The bot may be called in chats where it is no member (BotFather). */
  isGuest?: boolean
  /** Inline mode is off (BotFather); it is on in a new bot, unlike at Telegram, so that a test needs no preparation. */
  hasNoInline?: boolean
  /** The private chats of this bot have topics, and people may make some (BotFather). */
  hasTopics?: boolean
  peopleMakeTopics?: boolean
  /** Who made this bot and for which other bot, if a person has made it for one. */
  managed?: Managed
}

/** The messages of one chat. A private chat has one box per bot. */
export interface Box {
  messages: Map<number, Stored>
  started: boolean
  blocked: boolean
  replyKeyboard: Obj | null
  pinned: number[]
  action?: { name: string; until: number }
  /** A message that the bot is still writing. */
  draft?: { until: number; shown: Obj }
  /** Topics of a private chat. */
  topics?: Map<number, Topic>
  /** The person lets the bot change their emoji status. */
  mayChangeStatus?: boolean
}

export interface CallbackQuery {
  id: string
  botId: number
  person: number
  expires: number
  /** The offset and the words of an inline query. Its answer is kept under them. */
  asked?: string
  /** The press came from the key that launches a game, so any address may answer it. */
  game?: boolean
  answer(result: Obj): void
}

export interface CallRecord extends Obj {
  id: number
  bot: string
  method: string
}

export function createWorld(options: { settings?: Partial<Settings>; now?: number } = {}): World {
  const settings: Settings = { ...DEFAULTS, ...options.settings }
  return {
    settings,
    clock: createClock(options.now),
    events: createEventLog(() => settings.keepEvents),
    faults: createFaults(),
    bots: new Map(),
    people: new Map(),
    groups: new Map(),
    requests: [],
    lastRequest: 0,
    links: new Map(),
    payments: new Map(),
    checkouts: new Map(),
    callbacks: new Map(),
    inlineQueries: new Map(),
    inlineMessages: new Map(),
    guestQueries: new Map(),
    prepared: new Map(),
    webAppQueries: new Map(),
    joinQueries: new Map(),
    businesses: new Map(),
    giftLimits: new Map(),
    invites: new Map(),
    stickerSets: new Map(),
    fileBytes: 0,
    closing: new AbortController(),
    url: '',
  }
}

export const seconds = (world: World) => Math.floor(world.clock.now() / 1000)

export interface NewBot {
  token: string
  username: string
  name: string
  stars?: number
  /** The bot's messages are numbered from here on. */
  lastMessageId?: number
}

/** The username of a bot that only its token names. */
export const usernameOf = (id: number) => `sandbox_${id}_bot`

export function addBot(world: World, is: NewBot): Bot {
  const id = Number(is.token.split(':')[0])
  const known = world.bots.get(id)
  if (known) {
    Object.assign(known, { token: is.token, username: is.username, name: is.name, revoked: false })
    if (is.stars !== undefined) known.stars = is.stars
    return known
  }
  const bot: Bot = {
    id,
    token: is.token,
    username: is.username,
    name: is.name,
    revoked: false,
    names: new Map(),
    descriptions: new Map(),
    shortDescriptions: new Map(),
    commands: new Map(),
    menuButtons: new Map(),
    stars: is.stars ?? 0,
    nanostars: 0,
    transactions: [],
    files: new Map(),
    lastFile: 0,
    boxes: new Map(),
    launched: seconds(world),
    lastMessageId: is.lastMessageId ?? 0,
    updates: createUpdates(),
    buckets: new Map(),
    defaultRights: {},
    games: new Map(),
    scores: new Map(),
  }
  world.bots.set(id, bot)
  return bot
}

export const botNamed = (world: World, username: string) => {
  const wanted = username.replace(/^@/, '').toLowerCase()
  for (const bot of world.bots.values()) if (bot.username.toLowerCase() === wanted) return bot
  return undefined
}

export const emptyBox = (): Box => ({
  messages: new Map(),
  started: false,
  blocked: false,
  replyKeyboard: null,
  pinned: [],
})

/** The private chat of a bot and a person; made on first use. */
export function boxOf(bot: Bot, person: number): Box {
  const known = bot.boxes.get(person)
  if (known) return known
  const box = emptyBox()
  bot.boxes.set(person, box)
  return box
}

export const userOfBot = (bot: Bot) => ({
  id: bot.id,
  is_bot: true,
  first_name: bot.names.get('') ?? bot.name,
  username: bot.username,
})

export const userOfPerson = (person: Person): Obj => ({
  id: person.id,
  is_bot: false,
  first_name: person.deactivated ? '' : person.first_name,
  ...(person.last_name && { last_name: person.last_name }),
  ...(person.username && { username: person.username }),
  ...(person.language_code && { language_code: person.language_code }),
  ...(person.is_premium && { is_premium: true }),
})

export const chatOfPerson = (person: Person): Obj => ({
  id: person.id,
  first_name: person.first_name,
  ...(person.last_name && { last_name: person.last_name }),
  ...(person.username && { username: person.username }),
  type: 'private',
})

export const chatOfGroup = (group: Group): Obj => ({
  id: group.id,
  title: group.title,
  ...(group.username && { username: group.username }),
  type: group.type,
  ...(group.isForum && { is_forum: true }),
  ...(group.messagesOf && { is_direct_messages: true }),
})
