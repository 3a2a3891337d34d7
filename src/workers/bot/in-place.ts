import type { InlineKeyboardButton } from 'grammy/types'
import { cameBy, IN_GROUP } from '#shared/audit.ts'
import { UserError } from '#shared/errors.ts'
import { namesOf } from '#shared/names-of-people.ts'
import { readerOf } from '#shared/reader.ts'
import { alertsGroup } from '#shared/settings/alerts-group.ts'
import { callbackButton, pack } from '#shared/telegram/buttons.ts'
import type { Style } from '#shared/telegram/buttons.ts'
import { shorten } from '#shared/storable.ts'
import type { Chat } from './chat.ts'

/*
 * Acts in the admins' group: their outcome is one line below the alert, with the name of whoever decided. The role is
 * that of the person who presses, asked for at every press; the group gives nobody any right.
 */

/** Telegram's limits for the words of a message and of a caption, in characters. */
const TEXT_LENGTH = 4_096
const CAPTION_LENGTH = 1_024
const NAME_LENGTH = 24

type T = Chat['t']

/** The answer to a press in the group: the alert is changed after the person has read it. */
interface InGroup {
  toast: string
  after: () => Promise<void>
}

/**
 * Answers the press, adds the same line to the alert once, and takes away the keys that have nothing to do any more.
 * @param line in the language of the group
 * @param used the routes of those keys
 */
export async function decidedInGroup(
  chat: Chat,
  used: readonly string[],
  line: (t: T) => string,
): Promise<InGroup> {
  const said = line(await wordsOfGroup(chat))
  return { toast: line(chat.t), after: () => edit(chat, keysWithout(chat, used), said) }
}

/** Somebody did the same before, who said so in the alert or on a page: only the keys that have nothing to do go. */
export function doneBefore(chat: Chat, used: readonly string[], toast: string): InGroup {
  return { toast, after: () => edit(chat, keysWithout(chat, used)) }
}

/**
 * Asks before an act: the alert gets keys that answer, which work for the asked admin alone. The keys of an admin who was
 * asked before make way.
 * @param over what has been decided since, asked for when the keys stand: another admin's decision may have been shown before
 * they reached Telegram, and then they have come back below an alert that is decided
 */
export async function askedInGroup(
  chat: Chat,
  keys: readonly { text: string; route: [string, ...string[]]; style: Style }[],
  over: () => Promise<InGroup | undefined>,
): Promise<InGroup> {
  const { app, personId, group = 0n } = chat
  const t = await wordsOfGroup(chat)
  const name = await nameInGroup(chat, personId)
  const answers = keys.map(({ text, route: [route, ...args], style }) => [
    callbackButton(`${t(text)} (${name})`, pack(app.secrets, group, route, ...args, String(personId)), style),
  ])
  const others = keysWithout(
    chat,
    keys.map(({ route: [route] }) => route),
  )
  const rows = [...answers, ...others]
  const after = async () => {
    await edit(chat, rows)
    await (await over())?.after()
  }
  return { toast: chat.t('group-asked'), after }
}

/** @throws UserError `group.asked` when somebody else was asked */
export function mustBeAsked({ personId }: Chat, asked: string | undefined): void {
  if (asked !== String(personId)) throw new UserError('group.asked')
}

/** Carries out an act by a key of the group. @returns why it was refused, for the admin to read */
export async function refusalOf(act: () => Promise<unknown>): Promise<UserError | undefined> {
  try {
    await cameBy(IN_GROUP, act)
    return undefined
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
}

/** How the admin is called in the group. */
export async function nameInGroup({ app }: Pick<Chat, 'app'>, id: bigint | null): Promise<string> {
  const nameOf = await namesOf(app.db, [id])
  return shorten(nameOf(id), NAME_LENGTH)
}

async function wordsOfGroup({ app, bot, group, t }: Chat): Promise<T> {
  const connected = await app.settings.get(alertsGroup, bot.name)
  if (connected?.chat !== String(group)) return t
  return (await readerOf(app, bot.name, BigInt(connected.by))).t
}

function keysWithout({ pressed }: Chat, used: readonly string[]): InlineKeyboardButton[][] {
  const isUsed = (key: InlineKeyboardButton) =>
    'callback_data' in key && used.includes(/^[^:~]*/.exec(key.callback_data)![0])
  const rows = pressed?.reply_markup?.inline_keyboard ?? []
  return rows.map((row) => row.filter((key) => !isUsed(key))).filter((row) => row.length > 0)
}

/** What was decided stays decided when the alert cannot be changed: somebody deleted it, or it is too long. */
async function edit(
  { ctx: { api }, log, group, pressed }: Chat,
  inline_keyboard: InlineKeyboardButton[][],
  line?: string,
): Promise<void> {
  const { message_id: id, text, caption } = pressed!
  const [chat, reply_markup] = [Number(group), { inline_keyboard }]
  const before = text ?? caption ?? ''
  // A client that still shows an old key presses it once more, below an alert that says so already.
  const words = line && !before.split('\n').includes(line) && [before, line].filter(Boolean).join('\n\n')
  const fits = words && words.length <= (text === undefined ? CAPTION_LENGTH : TEXT_LENGTH)
  try {
    if (!fits) await api.editMessageReplyMarkup(chat, id, { reply_markup })
    else if (text === undefined)
      await api.editMessageCaption(chat, id, {
        caption: words,
        caption_entities: pressed!.caption_entities ?? [],
        reply_markup,
      })
    else await api.editMessageText(chat, id, words, { entities: pressed!.entities ?? [], reply_markup })
  } catch (error) {
    log.info({ err: error }, 'the alert in the group could not show what was decided')
  }
}
