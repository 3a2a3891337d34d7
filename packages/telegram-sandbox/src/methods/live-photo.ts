import { placeOf } from '../chats.ts'
import { bad } from '../errors.ts'
import { fileOf, mediaFields } from '../files.ts'
import { captionFields } from '../format.ts'
import { bool, str, text, type Obj } from '../params.ts'
import type { Call, Method } from './call.ts'
import { deliver } from './deliver.ts'

/** "Bot API": live photos are uploaded or named by file_id. The server's word for a url is the one of any wrong file. */
const noUrl = (value: string) => {
  if (/^https?:/i.test(value)) throw bad('wrong file identifier/HTTP URL specified')
}

/**
 * A photo with the video that makes it move, under both names, so that a client without live photos shows the
 * photo.
 */
export async function livePhotoFields({ world, bot, p }: Call, video: string, photo: string): Promise<Obj> {
  noUrl(video)
  noUrl(photo)
  const moving = await fileOf(world, bot, p, 'live_photo', 'video', video || undefined)
  const still = await fileOf(world, bot, p, 'photo', 'photo', photo || undefined)
  const { photo: sizes } = mediaFields(still)
  const { file_name: _, ...shown } = mediaFields(moving)['video'] as Obj
  return { live_photo: { photo: sizes, ...shown }, photo: sizes }
}

const sendLivePhoto: Method = async (call) => {
  const { world, bot, p } = call
  const given = (field: string) => p.files.has(field) || (text(p, field) ?? '') !== ''
  if (!given('live_photo')) throw bad('There is no live photo in the request')
  if (!given('photo')) throw bad('There is no photo in the request')
  const caption = captionFields(world, p.values)
  placeOf(world, bot, p)
  const fields = await livePhotoFields(call, str(p.values['live_photo']), str(p.values['photo']))
  return deliver(call, {
    ...fields,
    ...caption,
    ...(bool(p, 'has_spoiler') && { has_media_spoiler: true }),
  })
}

export const livePhotos: Record<string, Method> = { sendLivePhoto }
