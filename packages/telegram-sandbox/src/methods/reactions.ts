import { placeOf } from '../chats.ts'
import { checkRight } from '../rights.ts'
import { bad } from '../errors.ts'
import { editView } from '../messages.ts'
import { int, isObj, json, str, userId } from '../params.ts'
import type { Stored } from '../store.ts'
import type { Call, Method } from './call.ts'

/** A bot has one reaction to a message, and none that is paid ("Bot API", setMessageReaction). */
const setMessageReaction: Method = (call) => {
  const { world, bot, p } = call
  const place = placeOf(world, bot, p)
  const stored = place.box.messages.get(int(p, 'message_id'))
  if (!stored || stored.deleted) throw bad('message to react not found')
  const given = json(p, 'reaction', 'reaction') ?? []
  if (!Array.isArray(given)) throw bad('expected an Array of ReactionType')
  if (given.length > 1) throw bad('REACTIONS_TOO_MANY')
  const emoji = (given as unknown[]).map((one) => {
    if (!isObj(one) || (one['type'] !== 'emoji' && one['type'] !== 'custom_emoji'))
      throw bad('REACTION_INVALID')
    return str(one['emoji'] ?? one['custom_emoji_id'])
  })
  const allowed = place.group?.profile?.['available_reactions']
  if (
    Array.isArray(allowed) &&
    emoji.some((one) => !allowed.some((kind: unknown) => isObj(kind) && kind['emoji'] === one))
  )
    throw bad('REACTION_INVALID')
  stored.extra['bot_reactions'] = emoji
  editView(world, bot, place, stored)
  return true
}

/** The messages of a group whose reactions the bot may take away. */
function ruled({ world, bot, p }: Call): Stored[] {
  const { group, box } = placeOf(world, bot, p)
  if (!group || group.type === 'channel') throw bad('method is available only for groups')
  checkRight(
    group,
    bot.id,
    'can_delete_messages',
    'need delete messages administrator right in the supergroup chat',
  )
  userId(p)
  return [...box.messages.values()].filter((stored) => !stored.deleted)
}

/** Takes away what somebody reacted to these messages. */
function forgetReactions(call: Call, messages: Stored[]): true {
  const { world, bot, p } = call
  const place = placeOf(world, bot, p)
  for (const stored of messages)
    if (stored.reactions?.delete(userId(p))) {
      stored.extra['reactions'] = [...stored.reactions.values()].flat()
      editView(world, bot, place, stored)
    }
  return true
}

const deleteMessageReaction: Method = (call) => {
  const id = int(call.p, 'message_id')
  const found = ruled(call).filter((stored) => stored.api['message_id'] === id)
  if (found.length === 0) throw bad('message not found')
  return forgetReactions(call, found)
}

const deleteAllMessageReactions: Method = (call) => forgetReactions(call, ruled(call))

export const reactions: Record<string, Method> = {
  setMessageReaction,
  deleteMessageReaction,
  deleteAllMessageReactions,
}
