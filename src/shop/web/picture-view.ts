import { findModel, pictureProviders } from '#shop/pictures/catalogue.ts'
import type { Picture } from '#shop/pictures/pictures.ts'
import { queuedStage } from '#shop/pictures/standing.ts'
import { restOf } from './waiting.ts'
import { plain } from './views.ts'
import type { Visitor } from './visitor.ts'

/** How a picture looks in the gallery. */
export function pictureLine(visitor: Visitor, picture: Picture) {
  const { orderId, prompt, model, aspect, price, stage, state } = picture
  const found = findModel(pictureProviders(visitor.app.config), model)
  return {
    id: orderId,
    prompt,
    model,
    aspect,
    about: `${found?.title ?? model} · ${aspect}`,
    price: price === 0n || stage === 'late' ? visitor.t('image-free') : visitor.money(price, 'TOK'),
    stage:
      state === 'awaiting_payment'
        ? ('waits' as const)
        : state === 'cancelled'
          ? ('cancelled' as const)
          : stage,
    hasFile: stage === 'done' || stage === 'late',
  }
}

/** A picture as it stands, in the words of its message in the chat. */
export async function pictureView(visitor: Visitor, picture: Picture) {
  const line = pictureLine(visitor, picture)
  const { orderId, price, startedAt } = picture
  const providers = pictureProviders(visitor.app.config)
  const usual = findModel(providers, picture.model)?.usualSeconds ?? 30
  const isDrawn = line.stage === 'starting' || line.stage === 'drawing'
  const rest =
    line.stage === 'waits'
      ? await restOf(visitor, 'image-top-up', { id: orderId, asset: 'TOK', price })
      : null
  return {
    ...line,
    lines: (await linesOf(visitor, picture, line.stage)).map(plain),
    /** Seconds. Elapsed time does not prove progress, so the page's bar stops short of its end. */
    progress: isDrawn
      ? { elapsed: startedAt ? Math.max(0, Math.round((Date.now() - startedAt.getTime()) / 1000)) : 0, usual }
      : null,
    isMoving: isDrawn || line.stage === 'queued' || line.stage === 'ready',
    canCancel: line.stage === 'queued',
    rest,
  }

  async function linesOf({ t }: Visitor, { reason }: Picture, stage: string): Promise<string[]> {
    switch (stage) {
      case 'queued': {
        const { place, expectedSeconds } = await queuedStage({ app: visitor.app, providers }, picture)
        return [t('image-queued'), t('image-queue-place', { place, seconds: expectedSeconds })]
      }
      case 'starting':
        return [t('image-handed')]
      case 'drawing':
        return [t('image-drawing')]
      case 'ready':
        return [t('image-uploading')]
      case 'cancelled':
        return [
          t('image-cancelled'),
          ...(price > 0n && picture.stage === 'cancelled' ? [t('image-tokens-back')] : []),
        ]
      case 'failed':
        return [t(`image-reason-${reason ?? 'failed'}`), ...(price > 0n ? [t('image-tokens-back')] : [])]
      case 'late':
        return [t('image-late')]
      default:
        return []
    }
  }
}
