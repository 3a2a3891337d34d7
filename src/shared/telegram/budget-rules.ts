/**
 * The order in which messages go when a bot's budget is short: answers that people wait for, then notices they are
 * owed, then mailings.
 */
export type Lane = 'admins' | 'answers' | 'notices' | 'mailings' | 'paid'

/**
 * How far into the future a lane may take slots, ms. Mailings take only slots that are free right now, so that an
 * answer waits at most 100 ms behind them; a busy event loop needs these 100 ms to keep the rate without gaps.
 */
export const AHEAD_MS: Record<Lane, number> = {
  admins: 5_000,
  answers: 5_000,
  notices: 1_000,
  mailings: 100,
  paid: 100,
}

/**
 * When slots are given away this far into the future, ms, there is a rush: then people leave `ADMINS_SHARE` of the
 * slots to answers for admins.
 */
export const RUSH_MS = AHEAD_MS.notices
/** The admins' share of the slots in a rush: 3 of 30 a second. The first second of a rush is not shared. */
export const ADMINS_SHARE = 0.1
/** An admin may take this many slots at once. */
export const ADMINS_BURST = 3

/**
 * `allow_paid_broadcast` lets a bot send up to 1000 messages a second (Bot API, sendMessage), beside its free budget.
 */
export const PAID_RATE = 1_000

/** Our clock and Telegram's round differently. A rate 0.3 % below the limit never exceeds it. */
export const SLACK = 1.003

/**
 * Telegram allows about one message a second in a chat, with short bursts, and 20 a minute in a group (Bots FAQ): five at
 * once and one each four seconds are 20 in the fullest minute.
 */
export const chatPace = (chat: number, rate: number) =>
  chat < 0 ? { intervalMs: 4_050, burst: 5 } : { intervalMs: 1_010 / Math.max(1, rate), burst: 3 }

/**
 * A message of a mailing holds a place from its sending until this many ms after its answer, less the time of the
 * quickest call. So no second has more messages than there are places, whatever is late in between. The 1 ms above a
 * second covers different clocks.
 */
export const WINDOW_MS = 1_001

/** The number of places of a mailing: 1 % above the rate, because most answers take longer than the quickest one. */
export const placesOf = (rate: number) => Math.max(1, Math.floor(rate * 1.01))

/**
 * The places of a dead process become free after this time, ms; a living one renews the places of its calls every
 * second.
 */
export const HELD_MS = 4_000

/** The quickest call is measured over at least 200 calls and 60 s; after that a slower network is believed. */
export const QUICK_CALLS = 200
export const QUICK_MS = 60_000

/** How many messages may go at once after a pause, so that a hiccup of the event loop loses no slots. */
export const burstOf = (rate: number) => Math.max(1, Math.floor(rate / 6))

/**
 * A mailing under way makes up for half a second without sending, at twice its rate; sixty calls at once would make
 * the last one late by the time of the first 59. For this many ms after a message a mailing counts as under way.
 */
export const catchUpOf = (rate: number) => Math.max(1, Math.floor(rate / 2))
export const UNDER_WAY_MS = 2_000

/** After a 429 the rate is multiplied by this and recovers by 0.5 % of the limit each second. */
export const CUT = 0.85
export const RECOVERY_PER_SECOND = 0.005

/** The number of slots a call costs: one per message sent, copied or edited; every other call is free. */
export function costOf(method: string, payload: Record<string, unknown>): number {
  if (method === 'sendChatAction' || method === 'sendMessageDraft') return 0
  if (method === 'sendMediaGroup') return lengthOf(payload['media'])
  if (method === 'copyMessages' || method === 'forwardMessages') return lengthOf(payload['message_ids'])
  return /^(send|copy|forward|editMessage)/.test(method) ? 1 : 0
}

const lengthOf = (list: unknown) => (Array.isArray(list) ? Math.max(1, list.length) : 1)

/** The chat a call goes to: a private chat's id or a group's negative one; a channel's @name counts as no chat. */
export function chatOf(payload: Record<string, unknown>): number {
  const id = Number(payload['chat_id'])
  return Number.isSafeInteger(id) ? id : 0
}
