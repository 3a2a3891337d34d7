import type { Context } from '#shared/context.ts'
import { findModel } from './catalogue.ts'
import type { PictureProviders } from './catalogue.ts'
import { placeInQueue } from './turns.ts'
import type { Picture } from './pictures.ts'
import { atOnceOf, pictureLimits } from './settings.ts'
import type { Shown } from './stage.ts'

/** Providers accept new tasks at this pace. One person's pictures start in turns of `atOnce`. */
const SECONDS_PER_START = 0.5

/** Says at which place a picture waits, and for about how long still. */
export async function queuedStage(
  parts: { app: Pick<Context, 'db' | 'settings'>; providers: PictureProviders },
  picture: Picture,
): Promise<Extract<Shown, { stage: 'queued' }>> {
  const place = await placeInQueue(parts.app.db, picture.orderId)
  const atOnce = await atOnceOf(parts.app.db, picture.personId, await parts.app.settings.get(pictureLimits))
  const usualSeconds = findModel(parts.providers, picture.model)?.usualSeconds ?? 30
  const rounds = 1 + Math.floor((place?.ownAhead ?? 0) / atOnce)
  const expectedSeconds = Math.ceil(rounds * usualSeconds + (place?.place ?? 1) * SECONDS_PER_START)
  return { stage: 'queued', place: place?.place ?? 1, expectedSeconds }
}
