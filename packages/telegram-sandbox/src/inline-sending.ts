import type { Place } from './chats.ts'
import { nameInline } from './inline-messages.ts'
import { shownOf, type Shown } from './inline-results.ts'
import { addMessage, type NewMessage } from './messages.ts'
import type { Obj } from './params.ts'
import { placeOfPerson } from './payments.ts'
import { hears } from './privacy.ts'
import { Refused } from './refused.ts'
import { checkMaySend, isPermitted, whyNot } from './rights.ts'
import { userOfBot, type Bot, type Group, type Person, type Stored, type World } from './store.ts'
import { happen } from './updates.ts'

/** What somebody sends through a bot, from a result that the bot offered. @throws ApiError */
export const resultAsSent = (world: World, bot: Bot, result: Obj): Promise<Shown> =>
  shownOf({ world, bot, p: { values: {}, files: new Map() }, gone: world.closing.signal }, result, true)

/** Where somebody sends it: a group of theirs, or the chat with the bot itself. @throws Refused */
export function placeToSend(world: World, bot: Bot, person: Person, chat: unknown): Place {
  if (chat === undefined) return placeOfPerson(bot, person)
  const group = world.groups.get(Number(chat))
  if (!group) throw new Refused(404, 'there is no such chat')
  const status = group.members.get(person.id) ?? 'left'
  if (status === 'kicked' || status.endsWith('left')) throw new Refused(409, 'this person is not in the chat')
  return { chat: group.id, box: group.box, group }
}

/** Puts the message into the chat as the person's own, and tells the bots that hear of it. @throws Refused */
export function sendThrough(world: World, bot: Bot, person: Person, place: Place, shown: Shown): Stored {
  const { group } = place
  if (group) checkSpeaking(group, person, shown.content)
  else place.box.started = true
  const stored = addInline(world, bot, place, shown, {
    from: 'person',
    by: person,
    content: { ...shown.content, via_bot: userOfBot(bot) },
  })
  if (!group) happen(world, bot, 'message', stored.api)
  else if (group.type === 'channel') tellChannel(world, group, stored)
  else
    for (const one of world.bots.values())
      if (hears(one, group, stored.api)) happen(world, one, 'message', stored.api)
  return stored
}

/** Puts a message of inline mode into a chat. With a keyboard, or from a guest, its bot may edit it. */
export function addInline(
  world: World,
  bot: Bot,
  place: Place,
  { keyboard, invoice, game }: Shown,
  message: NewMessage,
): Stored {
  const stored = addMessage(world, bot, place, {
    ...message,
    ...(keyboard && { keyboard }),
    ...(invoice && { invoice }),
    ...(game && { game }),
  })
  if (keyboard) nameInline(world, bot, place, stored)
  return stored
}

function checkSpeaking(group: Group, { id }: Person, content: Obj): void {
  if (group.type === 'channel' && group.members.get(id) === 'member')
    throw new Refused(409, 'only administrators post in a channel')
  const refused = whyNot(() => checkMaySend(group, id, content))
  if (refused !== undefined) throw new Refused(409, refused)
  if (!isPermitted(group, id, 'can_send_other_messages'))
    throw new Refused(409, 'this person may not use inline bots here')
}

function tellChannel(world: World, group: Group, stored: Stored): void {
  for (const one of world.bots.values())
    if (group.members.has(one.id)) happen(world, one, 'channel_post', stored.api)
}
