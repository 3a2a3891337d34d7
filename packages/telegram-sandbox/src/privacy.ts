import { isObj, str, type Obj } from './params.ts'
import type { Bot, Group, Stored } from './store.ts'
import { isAdmin } from './rights.ts'

/*
 * Which messages of a group a bot hears of ("Bots", Privacy mode): all of them when it is an administrator or its
 * privacy mode is off. Otherwise commands that are meant for it, answers to it, mentions of it, what was sent through
 * it, and service messages.
 */

/** A command without a bot's name goes to the bot that wrote last, and to all bots while none has written. */
function isCommandTo(bot: Bot, group: Group, api: Obj): boolean {
  const words = str(api['text'] ?? api['caption'])
  const command = /^\/\w{1,64}(?:@(\w+))?/.exec(words)
  if (!command) return false
  if (command[1] !== undefined) return command[1].toLowerCase() === bot.username.toLowerCase()
  const last = lastBotIn(group)
  return last === undefined || last === bot.id
}

function lastBotIn(group: Group): number | undefined {
  let last: number | undefined
  for (const stored of group.box.messages.values()) if (stored.from === 'bot') last = stored.botId
  return last
}

export function mentions(bot: Bot, api: Obj): boolean {
  const words = str(api['text'] ?? api['caption'])
  const entities = (api['entities'] ?? api['caption_entities'] ?? []) as Obj[]
  return entities.some(({ type, offset, length, user }) =>
    type === 'text_mention'
      ? isObj(user) && user['id'] === bot.id
      : type === 'mention' &&
        words.slice(Number(offset) + 1, Number(offset) + Number(length)).toLowerCase() ===
          bot.username.toLowerCase(),
  )
}

/** @param isService true for messages about people who come and go, titles, pins and the like */
export function hears(bot: Bot, group: Group, api: Obj, repliedTo?: Stored, isService = false): boolean {
  const status = group.members.get(bot.id)
  if (status === undefined || ['left', 'kicked', 'restricted_left'].includes(status)) return false
  if (bot.readsAllGroups || isAdmin(status) || isService) return true
  const via = api['via_bot']
  return (
    isCommandTo(bot, group, api) ||
    mentions(bot, api) ||
    (isObj(via) && via['id'] === bot.id) ||
    (repliedTo?.from === 'bot' && repliedTo.botId === bot.id)
  )
}
