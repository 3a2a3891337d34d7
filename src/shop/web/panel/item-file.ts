import { InputFile } from 'grammy'
import { z } from 'zod'
import { UnknownOutcome, UserError, Transient } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { MOST_BYTES } from '#shared/telegram/files.ts'
import { telegramError, Unreachable } from '#shared/telegram/errors.ts'
import { shorten } from '#shared/storable.ts'
import { fileIn } from '#shop/shelf/files.ts'
import { fillFile } from '#shop/shelf/filling.ts'
import { file as fileKind } from '#shop/shelf/kinds/file.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { itemAt } from './forms/item-fills.ts'
import { panelRoute } from './route.ts'
import type { PanelAnswer } from './route.ts'

const number = z.string().regex(/^\d{1,18}$/)

/** The file that buyers of an item get, as it is now. */
const show = panelRoute({
  method: 'GET',
  path: '/items/:id/file',
  as: 'a-item-file',
  minimum: 'admin',
  input: z.object({ id: number }),
  async run(admin, input) {
    const { app, t, language } = admin
    const item = await fileItem(admin, input.id)
    const state = await fileKind.state(app.db, item)
    return {
      title: `${item.name[language]}: ${t('shelf-key-file')}`,
      now: plain(t(state.text, state.params)),
      hint: plain(t('panel-file-hint')),
      most: MOST_BYTES,
    }
  },
})

/**
 * The file goes to the admin's own chat with the bot, as if it had been sent there, and so gets a number by which the
 * bot sends it to buyers. Then the message is deleted, as it is after a file that was sent in the chat.
 */
const take = panelRoute({
  method: 'POST',
  path: '/items/:id/file',
  as: 'a-item-file',
  minimum: 'admin',
  confirmed: true,
  upload: MOST_BYTES,
  input: z.object({ id: number, name: z.string().trim().min(1).max(200) }),
  async run(admin, input, bytes) {
    const item = await fileItem(admin, input.id)
    const chat = Number(admin.personId)
    const message = await sent(() =>
      admin.bot.uploads.sendDocument(chat, new InputFile(bytes!, input.name), {
        caption: plain(admin.t('panel-file-caption', { name: escapeHtml(item.name[admin.language]) })),
        // Otherwise Telegram makes an animation or a song of a file that looks like one.
        disable_content_type_detection: true,
        disable_notification: true,
      }),
    )
    try {
      await fillFile(admin, item, { ...fileIn(message), name: shorten(input.name, 100) })
    } finally {
      await admin.bot.api.deleteMessage(chat, message.message_id).catch(() => {})
    }
    return { said: plain(admin.t('setting-saved')), opens: `item/${item.id}` }
  },
})

/** @throws UserError `admin.not-found` */
async function fileItem(admin: PanelAdmin, id: string) {
  const item = await itemAt(admin, { id })
  if (item.kind !== fileKind.name) throw new UserError('admin.not-found')
  return item
}

/** @throws UserError `web.no-chat`, Transient */
async function sent<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Unreachable) throw new UserError('web.no-chat')
    // A file that was sent and not heard of lies in the admin's chat; sending it again does no harm.
    if (meaning instanceof UnknownOutcome) throw new Transient('Telegram did not answer', { cause: error })
    throw meaning
  }
}

export const itemFileRoutes = [show, take]

export type ItemFileAnswer = PanelAnswer<typeof show>
export type ItemFileDone = PanelAnswer<typeof take>
