import type { Context } from '#shared/context.ts'
import type { StartedWorker } from '#shared/worker.ts'

type Start = (app: Context) => Promise<StartedWorker>

/**
 * The handlers that rooms give to each worker. They are imported when the worker starts, so that a process loads only
 * the drawers it works with.
 */
export const start = {
  billing: async (app) => (await import('./payments/worker/handlers.ts')).startPayments(app),
  fragment: async (app) => (await import('./stars-premium/worker/handlers.ts')).startStarsPremium(app),
  images: async (app) => (await import('./pictures/worker/handlers.ts')).startPictures(app),
  broadcasts: async (app) => (await import('./mailings/worker/handlers.ts')).startMailings(app),
  exports: async (app) => (await import('./exports/worker/handlers.ts')).startExports(app),
  bot: async (app) =>
    together([
      (await import('./payments/bot/handlers.ts')).paymentCards(app),
      (await import('./stars-premium/bot/handlers.ts')).orderCards(app),
      (await import('./shelf/bot/handlers.ts')).itemCards(app),
      (await import('./support/bot/handlers.ts')).supportCards(app),
    ]),
  upkeep: async (app) =>
    together([
      (await import('./payments/worker/upkeep.ts')).paymentsUpkeep(app),
      (await import('./loyalty/worker/upkeep.ts')).loyaltyUpkeep(app),
      (await import('./shelf/worker/upkeep.ts')).shelfUpkeep(app),
      (await import('./support/worker/upkeep.ts')).supportUpkeep(app),
      (await import('./admin/worker/upkeep.ts')).adminUpkeep(app),
    ]),
} satisfies Record<string, Start>

const together = (parts: StartedWorker['handlers'][]): StartedWorker => ({ handlers: parts.flat() })
