import { placeOf, type Place } from '../chats.ts'
import { bad } from '../errors.ts'
import { addMessage, editView } from '../messages.ts'
import { int, text, type Obj } from '../params.ts'
import { seconds, userOfBot, type Bot, type Group, type Stored, type World } from '../store.ts'
import { happen } from '../updates.ts'
import type { Call, Method } from './call.ts'
import { isAdmin } from '../rights.ts'

/** "Bot API", approveSuggestedPost: 30 days, and as many seconds as it names; TDLib: a date a day ago is too old. */
const LATEST_S = 2_678_400
const DAY_S = 24 * 60 * 60

interface Suggestion {
  place: Place
  stored: Stored
  info: Obj
  channel: Group
}

function suggestionOf({ world, bot, p }: Call): Suggestion {
  const place = placeOf(world, bot, p)
  const stored = place.box.messages.get(int(p, 'message_id'))
  if (!stored || stored.deleted) throw bad('suggested post not found')
  const info = stored.api['suggested_post_info'] as Obj | undefined
  const channel = world.groups.get(place.group?.messagesOf ?? 0)
  const mayNot = !channel || !isAdmin(channel.members.get(bot.id))
  if (info?.['state'] !== 'pending' || mayNot) throw bad("message can't be used in the method")
  return { place, stored, info, channel }
}

/** Tells by a service message what became of a post. Its own bot gets the message as well. */
function tellOf(world: World, bot: Bot, { place, stored }: Suggestion, field: string, more: Obj): void {
  const { reply_to_message: _, ...post } = stored.api
  const told = addMessage(world, bot, place, {
    from: 'service',
    content: {
      from: userOfBot(bot),
      direct_messages_topic: stored.api['direct_messages_topic'],
      [field]: { suggested_post_message: post, ...more },
    },
    replyTo: stored,
  })
  for (const one of world.bots.values())
    if (world.groups.get(place.group?.messagesOf ?? 0)?.members.has(one.id))
      happen(world, one, 'message', told.api)
}

function decide(world: World, bot: Bot, post: Suggestion, info: Obj): void {
  post.stored.api = { ...post.stored.api, suggested_post_info: info }
  editView(world, bot, post.place, post.stored)
}

const approveSuggestedPost: Method = (call) => {
  const { world, bot, p } = call
  const post = suggestionOf(call)
  const { stored } = post
  const now = seconds(world)
  const date = int(p, 'send_date') || Number(post.info['send_date'] ?? 0)
  if (date !== 0 && date < now - DAY_S) throw bad("message can't be used in the method")
  // The server's code for a later date is not documented.
  if (date > now + LATEST_S) throw bad('SCHEDULE_DATE_INVALID')
  const at = Math.max(date, now)
  const price = post.info['price'] as { currency: string; amount: number } | undefined
  const payer = world.people.get(Number((stored.api['from'] as Obj | undefined)?.['id']))
  // "Currently only caused by insufficient user funds" (Bot API, SuggestedPostApprovalFailed).
  const purse = price?.currency === 'TON' ? 'nanograms' : 'stars'
  const left = price && payer?.[purse] !== undefined ? payer[purse] - price.amount : undefined
  if (left !== undefined && left < 0) {
    tellOf(world, bot, post, 'suggested_post_approval_failed', { price })
    return true
  }
  if (payer && left !== undefined) payer[purse] = left
  decide(world, bot, post, { ...post.info, state: 'approved', send_date: at })
  tellOf(world, bot, post, 'suggested_post_approved', {
    ...(price !== undefined && { price }),
    send_date: at,
  })
  world.clock.after((at - now) * 1000, () => publish(world, bot, post))
  return true
}

/** The post stands in the channel, and once it has stood there for a day it is paid for. */
function publish(world: World, bot: Bot, post: Suggestion): void {
  const { channel, stored, info } = post
  if (stored.deleted) return
  const { text: words, entities } = stored.api
  const shown = addMessage(
    world,
    bot,
    { chat: channel.id, box: channel.box, group: channel },
    { from: 'service', content: { text: words, ...(entities !== undefined && { entities }) } },
  )
  for (const one of world.bots.values())
    if (channel.members.has(one.id)) happen(world, one, 'channel_post', shown.api)
  const price = info['price'] as { currency: string; amount: number } | undefined
  if (!price) return
  world.clock.after(DAY_S * 1000, () => {
    if (shown.deleted) return tellOf(world, bot, post, 'suggested_post_refunded', { reason: 'post_deleted' })
    const { currency, amount } = price
    tellOf(world, bot, post, 'suggested_post_paid', {
      currency,
      ...(currency === 'XTR' ? { star_amount: { amount } } : { amount }),
    })
  })
}

const declineSuggestedPost: Method = (call) => {
  const comment = text(call.p, 'comment') ?? ''
  const post = suggestionOf(call)
  decide(call.world, call.bot, post, { ...post.info, state: 'declined' })
  tellOf(call.world, call.bot, post, 'suggested_post_declined', { ...(comment && { comment }) })
  return true
}

export const suggestedPosts: Record<string, Method> = { approveSuggestedPost, declineSuggestedPost }
