/** Who goes first when a bot's budget is short: what people wait for, then what they are owed, then mailings. */
export type Lane = 'admins' | 'answers' | 'notices' | 'mailings' | 'paid'

/**
 * How far into the future a lane may take slots, ms. Mailings only get what is free right now, so that an answer
 * never waits behind more than this of them; 100 ms is what a busy event loop needs to keep the rate without a gap.
 */
export const AHEAD_MS: Record<Lane, number> = {
  admins: 5_000,
  answers: 5_000,
  notices: 1_000,
  mailings: 100,
  paid: 100,
}

/** Slots are given this far ahead only in a rush, ms: then other people leave `ADMINS_SHARE` of them to the admins' answers. */
export const RUSH_MS = AHEAD_MS.notices
/** Three a second of thirty, besides the thirty of the one second in which a rush begins. */
export const ADMINS_SHARE = 0.1
/** So many an admin may have at once. */
export const ADMINS_BURST = 3

/** `allow_paid_broadcast`: up to 1000 messages a second (Bot API, sendMessage), beside the bot's free budget. */
export const PAID_RATE = 1_000

/** Our clock and Telegram's differ in how they round: 0.3 % below the limit is never above it. */
export const SLACK = 1.003

/** About one message a second in a chat, short bursts pass; 20 a minute in a group (Bots FAQ). */
export const chatPace = (chat: number, rate: number) =>
  chat < 0 ? { intervalMs: 3_050, burst: 15 } : { intervalMs: 1_010 / Math.max(1, rate), burst: 3 }

/**
 * A mailing's messages have places in a window, from when one is sent until this long after its answer, ms, less what the
 * quickest call takes: so no second has more of them than there are places, whatever is late in between. The 1 ms is for clocks that differ.
 */
export const WINDOW_MS = 1_001

/** Places of a mailing: a hundredth above the rate is for what answers take longer than the quickest one. */
export const placesOf = (rate: number) => Math.max(1, Math.floor(rate * 1.01))

/** The place of a process that died is free after so long; it holds the places of its calls anew each second. */
export const HELD_MS = 4_000

/** The quickest call is that of so many and of so long; a slower network is believed after that. */
export const QUICK_CALLS = 200
export const QUICK_MS = 60_000

/** Messages that may go at once after a pause, so that a hiccup of the event loop loses no slots. */
export const burstOf = (rate: number) => Math.max(1, Math.floor(rate / 6))

/**
 * A mailing under way makes up for half a second in which nothing could be sent, at twice its rate: sixty calls at once
 * would be late by what the first 59 take. It is under way for so long after a message, ms.
 */
export const catchUpOf = (rate: number) => Math.max(1, Math.floor(rate / 2))
export const UNDER_WAY_MS = 2_000

/** After a 429 the rate falls by this much and comes back by half a percent of the limit each second. */
export const CUT = 0.85
export const RECOVERY_PER_SECOND = 0.005

/** What a call costs: messages sent, copied or edited; everything else is free. */
export function costOf(method: string, payload: Record<string, unknown>): number {
  if (method === 'sendChatAction' || method === 'sendMessageDraft') return 0
  if (method === 'sendMediaGroup') return lengthOf(payload['media'])
  if (method === 'copyMessages' || method === 'forwardMessages') return lengthOf(payload['message_ids'])
  return /^(send|copy|forward|editMessage)/.test(method) ? 1 : 0
}

const lengthOf = (list: unknown) => (Array.isArray(list) ? Math.max(1, list.length) : 1)

/** Where a call goes: a private chat's id, a group's negative one; a channel's @name counts as no chat. */
export function chatOf(payload: Record<string, unknown>): number {
  const id = Number(payload['chat_id'])
  return Number.isSafeInteger(id) ? id : 0
}
