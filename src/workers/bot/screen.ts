import type { InlineKeyboardButton, LinkPreviewOptions } from 'grammy/types'
import { cannotBeEdited, isNotModified } from '#shared/telegram/errors.ts'
import { callbackButton, pack } from '#shared/telegram/buttons.ts'
import type { Style } from '#shared/telegram/buttons.ts'
import type { Drawn } from '#shared/telegram/over-card.ts'
import type { Chat } from './chat.ts'
import { goOn } from './gone-on.ts'

/** What a person sees: an HTML text with buttons below. */
export interface Screen {
  text: string
  keyboard?: InlineKeyboardButton[][]
  /** A picture shown above the text, by its address. */
  picture?: string
}

const drawnOf = (chat: Chat, screen: Screen): Drawn => ({
  text: screen.text,
  around: {
    parse_mode: 'HTML',
    link_preview_options: preview(screen),
    reply_markup: { inline_keyboard: living(chat, screen.keyboard ?? []) },
  },
})

/** A button with a text in the chat's language that calls a route. */
export function button(
  chat: Pick<Chat, 'app' | 'personId'>,
  text: string,
  route: string | [route: string, ...args: (string | number)[]],
  style?: Style,
): InlineKeyboardButton {
  const [name, ...args] = typeof route === 'string' ? [route] : route
  return callbackButton(text, pack(chat.app.secrets, chat.personId, name, ...args), style)
}

/** The last row of a screen: the way back to its parent screen. */
export function back(chat: Chat, route: string | [string, ...(string | number)[]]): InlineKeyboardButton[] {
  return [button(chat, chat.t('back'), route)]
}

/** Whether half of a phone of 360 points shows the whole text: 14 characters, of the wider Cyrillic ones 13. */
const fitsHalf = (text: string) => text.length <= (/\p{Script=Cyrillic}/u.test(text) ? 13 : 14)

/** Leaves out keys that would only answer that the person's role is too low, and puts keys that half a phone cuts below each other. */
function living(chat: Chat, keyboard: InlineKeyboardButton[][]): InlineKeyboardButton[][] {
  const isAlive = (key: InlineKeyboardButton) =>
    !('callback_data' in key) || chat.reaches(/^[^:~]*/.exec(key.callback_data)![0])
  return keyboard
    .map((row) => row.filter(isAlive))
    .filter((row) => row.length > 0)
    .flatMap((row) =>
      row.length === 2 && row.some(({ text }) => !fitsHalf(text)) ? row.map((key) => [key]) : [row],
    )
}

/** Links in a text show no preview; a picture is shown as the preview of its own address. */
function preview({ picture }: Screen): LinkPreviewOptions {
  return picture ? { url: picture, prefer_small_media: true, show_above_text: true } : { is_disabled: true }
}

/**
 * Shows a screen in the one message that navigation edits. After a tap it edits the tapped message; after a command or
 * typed text it sends the message anew at the bottom and deletes the old one.
 * @returns the message's id
 */
export async function show(chat: Chat, screen: Screen): Promise<number> {
  const pressed = chat.ctx.callbackQuery?.message
  // The number 0 stands for a key that was pressed in a group.
  if (pressed?.message_id) {
    const drawn = drawnOf(chat, screen)
    await goOn(chat, pressed.message_id, drawn)
    if (await edit(chat, pressed.message_id, drawn)) {
      chat.session.anchor = pressed.message_id
      return pressed.message_id
    }
  }
  return await showBelow(chat, screen)
}

/**
 * Shows a screen below the pressed message, which stays unchanged: a notice, or a card of money under way. A message from
 * which navigation goes on is deleted, but never the pressed one: if that cannot be edited, it may have become a picture that
 * the person paid for while this press was on its way.
 */
export async function showBelow(chat: Chat, screen: Screen): Promise<number> {
  const old = chat.session.anchor
  const sent = await send(chat, screen)
  chat.session.anchor = sent
  if (old !== undefined && old !== chat.ctx.callbackQuery?.message?.message_id)
    await chat.ctx.api.deleteMessage(chatId(chat), old).catch(() => {})
  return sent
}

/** Sends a message that navigation does not edit later. */
export async function send(chat: Chat, screen: Screen): Promise<number> {
  await chat.tellDoors()
  const message = await chat.ctx.api.sendMessage(chatId(chat), screen.text, {
    parse_mode: 'HTML',
    link_preview_options: preview(screen),
    reply_markup: screen.keyboard && { inline_keyboard: living(chat, screen.keyboard) },
  })
  return message.message_id
}

/** @returns false when the message cannot be edited (deleted, too old, not a text): the caller sends a new one */
async function edit(chat: Chat, messageId: number, { text, around }: Drawn): Promise<boolean> {
  await chat.tellDoors()
  try {
    await chat.ctx.api.editMessageText(chatId(chat), messageId, text, around)
    return true
  } catch (error) {
    if (isNotModified(error)) return true
    if (cannotBeEdited(error)) return false
    throw error
  }
}

export function chatId(chat: Chat): number {
  return chat.ctx.chat?.id ?? Number(chat.personId)
}

/**
 * Arranges keys in two columns. A key that is too long for half a row gets a whole row, and the next short key fills
 * the gap.
 */
export function pairs<T extends { text: string }>(keys: T[]): T[][] {
  const rows: T[][] = []
  let open: T[] | undefined
  for (const key of keys) {
    const isShort = fitsHalf(key.text)
    if (isShort && open) {
      open.push(key)
      open = undefined
    } else {
      rows.push([key])
      if (isShort) open = rows.at(-1)
    }
  }
  return rows
}
