import type { Obj } from './params.ts'
import { wordsOf } from './rich-words.ts'
import type { Bot, Stored } from './store.ts'

const AS_IT_IS = [
  'edit_date',
  'text',
  'entities',
  'caption',
  'caption_entities',
  'media_group_id',
  'message_thread_id',
  'gift',
  'premium',
  'successful_payment',
  'refunded_payment',
  'users_shared',
  'contact',
  'dice',
  'poll',
  'venue',
  'location',
  'web_app_data',
]

interface ApiFile {
  file_id: string
  file_name?: string
  mime_type?: string
  file_size?: number
  width?: number
  height?: number
}

export const fileUrl = (bot: Bot, id: string) => `/control/files/${bot.username}/${id}`

/** A message as the control API shows it to the person's side (README, "Message"). */
export function messageView(bot: Bot, stored: Stored): Obj {
  const { api, extra, invoice } = stored
  const view: Obj = {
    message_id: api['message_id'],
    from: stored.from,
    date: api['date'],
    deleted: stored.deleted,
    edits: stored.edits.map((edit) => ({ ...edit })),
  }
  for (const name of AS_IT_IS) if (api[name] !== undefined) view[name] = api[name]
  Object.assign(view, extra)
  addFiles(bot, api, view)
  if (api['rich_message']) {
    view['rich_message'] = api['rich_message']
    view['text'] = wordsOf(api['rich_message'] as Obj)
  }
  if (stored.game) view['game'] = gameView(bot, api['game'] as Obj)
  const reply = api['reply_to_message'] as { message_id: number } | undefined
  if (reply) view['reply_to_message_id'] = reply.message_id
  const pinned = api['pinned_message'] as { message_id: number } | undefined
  if (pinned) view['pinned_message_id'] = pinned.message_id
  const markup = api['reply_markup'] as Obj | undefined
  if (markup) view['inline_keyboard'] = markup['inline_keyboard']
  if (stored.paid) view['paid_media'] = paidView(bot, stored)
  if (invoice) {
    const { title, description, currency, amount, slug, paid, photoUrl } = invoice
    view['invoice'] = {
      title,
      description,
      currency,
      total_amount: amount,
      slug,
      paid,
      ...(photoUrl && { photo_url: photoUrl }),
    }
  }
  return view
}

function gameView(bot: Bot, { title, description, text, photo }: Obj): Obj {
  const view: Obj = { title, description, ...(text !== undefined && { text }) }
  addFiles(bot, { photo }, view)
  return view
}

/** Paid media as the person sees them: with their files only once they are bought. */
function paidView(bot: Bot, { api, paid }: Stored): Obj {
  const { paid_media: media } = api['paid_media'] as { paid_media: Obj[] }
  const isBought = paid!.buyers.has((api['chat'] as { id: number }).id)
  return {
    star_count: paid!.stars,
    bought: isBought,
    media: media.map((one) => {
      const shown: Obj = { type: one['type'] }
      if (isBought) addFiles(bot, one, shown)
      return shown
    }),
  }
}

function addFiles(bot: Bot, api: Obj, view: Obj): void {
  const photo = (api['photo'] as ApiFile[] | undefined)?.at(-1)
  if (photo)
    view['photo'] = { url: fileUrl(bot, photo.file_id), width: photo.width ?? 0, height: photo.height ?? 0 }
  for (const kind of ['document', 'video', 'animation', 'audio', 'voice', 'sticker', 'video_note']) {
    const file = api[kind] as
      (ApiFile & { emoji?: string; is_animated?: boolean; is_video?: boolean }) | undefined
    if (!file || (kind === 'document' && api['animation'])) continue
    view[kind] = {
      url: fileUrl(bot, file.file_id),
      ...(file.file_name && { file_name: file.file_name }),
      ...(file.mime_type && { mime_type: file.mime_type }),
      ...(file.file_size !== undefined && { size: file.file_size }),
      ...(file.emoji && { emoji: file.emoji }),
      ...(file.is_animated && { is_animated: true }),
      ...(file.is_video && { is_video: true }),
    }
  }
}
