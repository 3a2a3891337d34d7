import type { Place } from './chats.ts'
import { detect, trim } from './entities.ts'
import { editMessage } from './messages.ts'
import type { Obj } from './params.ts'
import { placeOfPerson } from './payments.ts'
import { Refused } from './refused.ts'
import {
  chatOfPerson,
  seconds,
  userOfPerson,
  type Bot,
  type Person,
  type Stored,
  type World,
} from './store.ts'
import { happen } from './updates.ts'

/** A message that is there. @throws Refused */
function messageOf(bot: Bot, person: Person, id: number): Stored {
  const stored = placeOfPerson(bot, person).box.messages.get(id)
  if (!stored || stored.deleted) throw new Refused(404, 'there is no such message')
  return stored
}

/** The person changes the text or the caption of a message of theirs; the bot gets `edited_message`. */
export function edit(world: World, bot: Bot, person: Person, id: number, source: string): Stored {
  const stored = messageOf(bot, person, id)
  editContent(world, bot, placeOfPerson(bot, person), stored, source)
  happen(world, bot, 'edited_message', stored.api)
  return stored
}

/** New words in a message of somebody's, wherever it stands. @throws Refused */
export function editContent(world: World, bot: Bot, place: Place, stored: Stored, source: string): void {
  if (stored.from !== 'person') throw new Refused(409, 'people edit their own messages only')
  const { text, entities } = detect(trim({ text: source, entities: [] }))
  const [field, marks] =
    stored.api['text'] === undefined ? ['caption', 'caption_entities'] : ['text', 'entities']
  if (text === '' && field === 'text') throw new Refused(400, 'a text has 1 to 4096 characters')
  const { [marks]: _, ...rest } = stored.api
  editMessage(world, bot, place, stored, {
    ...rest,
    [field]: text,
    ...(entities.length > 0 && { [marks]: entities }),
  })
}

/** Fields of a message besides its content, which are not forwarded with it. */
const NOT_FORWARDED = ['message_id', 'from', 'chat', 'date', 'edit_date', 'reply_to_message', 'reply_markup']

/** The content of a message of this chat, forwarded into it once more. */
export function forwarded(bot: Bot, person: Person, id: number): Obj {
  const { api } = messageOf(bot, person, id)
  const content = Object.fromEntries(Object.entries(api).filter(([name]) => !NOT_FORWARDED.includes(name)))
  return { ...content, forward_origin: { type: 'user', sender_user: api['from'], date: api['date'] } }
}

/** Replaces the person's reactions to a message; bots that ask for `message_reaction` hear of it. */
export function react(world: World, bot: Bot, person: Person, id: number, emoji: string[]): void {
  const stored = messageOf(bot, person, id)
  const reactions = (list: string[]) => list.map((one) => ({ type: 'emoji', emoji: one }))
  const before = (stored.extra['reactions'] as string[] | undefined) ?? []
  stored.extra['reactions'] = emoji
  happen(world, bot, 'message_reaction', {
    chat: chatOfPerson(person),
    message_id: id,
    user: userOfPerson(person),
    date: seconds(world),
    old_reaction: reactions(before),
    new_reaction: reactions(emoji),
  })
}
