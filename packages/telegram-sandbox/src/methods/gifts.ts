import { placeOf } from '../chats.ts'
import { bad } from '../errors.ts'
import { bool, int, text, userId, type Obj } from '../params.ts'
import { userOfBot, type World } from '../store.ts'
import type { Call, Method } from './call.ts'
import { giftOf } from './payments.ts'

const MOST_GIFTS = 100

/** Gifts as their owner shows them: the newest first, or the dearest, a page at a time. */
function owned({ world, p }: Call, gifts: readonly Obj[]): Obj {
  // All gifts of the simulator are unlimited ones that can be bought again.
  const wanted = bool(p, 'exclude_unlimited') ? [] : gifts.toReversed()
  if (bool(p, 'sort_by_price')) wanted.sort((a, b) => Number(b['star_count']) - Number(a['star_count']))
  const limit = int(p, 'limit', MOST_GIFTS)
  const offset = Number(text(p, 'offset') || 0)
  if (!Number.isSafeInteger(offset) || offset < 0) throw bad('OFFSET_INVALID')
  const end = offset + limit
  return {
    total_count: wanted.length,
    gifts: wanted.slice(offset, end).map((gift) => view(world, gift)),
    ...(end < wanted.length && { next_offset: String(end) }),
  }
}

function view(world: World, { id, from, date, text: note }: Obj): Obj {
  const sender = [...world.bots.values()].find(({ username }) => username === from)
  return {
    type: 'regular',
    gift: giftOf(String(id)),
    ...(sender && { sender_user: userOfBot(sender) }),
    send_date: date,
    ...(note !== undefined && { text: note }),
  }
}

const getUserGifts: Method = (call) => {
  const person = call.world.people.get(userId(call.p))
  if (!person) throw bad('user not found')
  return owned(call, person.gifts)
}

const getChatGifts: Method = (call) => {
  const { group, person } = placeOf(call.world, call.bot, call.p)
  return owned(call, person?.gifts ?? group?.gifts ?? [])
}

export const gifts: Record<string, Method> = { getUserGifts, getChatGifts }
