import { placeOf } from '../chats.ts'
import { bad } from '../errors.ts'
import { captionFields } from '../format.ts'
import { byteLength, int, isObj, json, str, text, type Obj } from '../params.ts'
import type { Call, Method } from './call.ts'
import { deliver } from './deliver.ts'
import { inputMedia } from './send.ts'

/** "Bot API", sendPaidMedia: up to 10 photos and videos for 1 to 25,000 Stars. */
const MOST_MEDIA = 10
const DEAREST_STARS = 25_000

/** Media that a person sees blurred until they have paid for them. */
const sendPaidMedia: Method = async (call) => {
  const { world, bot, p } = call
  const stars = int(p, 'star_count')
  if (stars < 1 || stars > DEAREST_STARS) throw bad('STARS_AMOUNT_INVALID')
  const given = json(p, 'media', 'media')
  if (!Array.isArray(given)) throw bad('expected an Array of InputPaidMedia')
  if (given.length < 1 || given.length > MOST_MEDIA) throw bad('wrong number of paid media specified')
  const payload = text(p, 'payload') ?? ''
  if (byteLength(payload) > 128) throw bad('paid media payload is too long')
  placeOf(world, bot, p)
  const media: Obj[] = []
  for (const one of given as unknown[]) media.push(await paidMedium(call, one))
  return deliver(
    call,
    { paid_media: { star_count: stars, paid_media: media }, ...captionFields(world, p.values) },
    { paid: { stars, payload } },
  )
}

async function paidMedium(call: Call, media: unknown): Promise<Obj> {
  const type = isObj(media) ? str(media['type']) : ''
  if (type !== 'photo' && type !== 'video' && type !== 'live_photo')
    throw bad(`can't parse InputPaidMedia: type "${type}" is unsupported`)
  const { [type]: file } = await inputMedia(call, media, 'InputPaidMedia')
  return { type, [type]: file }
}

export const paidMedia: Record<string, Method> = { sendPaidMedia }
