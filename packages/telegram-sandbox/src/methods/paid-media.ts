import { placeOf } from '../chats.ts'
import { bad } from '../errors.ts'
import { captionFields } from '../format.ts'
import { int, isObj, json, str, text, type Obj } from '../params.ts'
import type { Call, Method } from './call.ts'
import { deliver } from './deliver.ts'
import { inputMedia } from './send.ts'

/** Media that a person sees blurred until they have paid for them. */
const sendPaidMedia: Method = async (call) => {
  const { world, bot, p } = call
  const stars = int(p, 'star_count')
  if (stars < 1) throw bad('STARS_AMOUNT_INVALID')
  const given = json(p, 'media', 'media')
  if (!Array.isArray(given)) throw bad('expected an Array of InputPaidMedia')
  if (given.length < 1) throw bad('wrong number of paid media specified')
  const payload = text(p, 'payload') ?? ''
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
