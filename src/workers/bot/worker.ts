/*
 * consumes     updates (in order per chat), checkout, notices
 * produces     through the outbox: whatever a feature owes
 * writes       persons, bot_sessions, handled_updates, drafts of payments and orders
 * idempotent   by (bot, update_id) in handled_updates; drafts by the number in their button
 * on retry     the update is handled again from its start; the person may see one message twice
 */
import type { UserFromGetMe } from 'grammy/types'
import pLimit from 'p-limit'
import { tellTopic } from './alerts.ts'
import { arrivals, endings } from './arrive.ts'
import { createLimit } from '#shared/limits.ts'
import { explain } from '#shared/errors.ts'
import { handle } from '#shared/queue/executor.ts'
import { done } from '#shared/queue/job.ts'
import { tellAlerts } from '#shared/queue/jobs/admin.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { closeOrderCard, takeKeys } from '#shared/queue/jobs/orders.ts'
import { priceProblems } from '#shared/settings/economy.ts'
import { telegramInline, telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { identify } from '#shared/telegram/identify.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { createAwaited } from '#shared/telegram/sealed.ts'
import type { WorkerType } from '#shared/worker.ts'
import { acts } from '#shop/acts.ts'
import { start } from '#shop/handlers.ts'
import { settingGroups } from '#shop/settings.ts'
import { describeBot } from './describe.ts'
import { routesOf } from './feature.ts'
import { handleUpdate } from './handle-update.ts'
import type { BotParts } from './handle-update.ts'
import { createInline } from './inline.ts'
import { createLastKnown } from './last-known.ts'
import { takeFormerKeys } from './former-card.ts'
import { NewsChannel } from '#shared/telegram/news-channel.ts'
import { deliverNotice } from './notices.ts'
import { createOnCall } from './on-call.ts'
import { closeCard } from './order-over.ts'
import { createOutage } from './outage.ts'

/**
 * How many bots are described at once. Each needs seven calls for which nobody waits, and they must not delay answers.
 */
const DESCRIBED_AT_ONCE = 10

export const bot: WorkerType = {
  name: 'bot',
  queues: ['updates', 'checkout', 'notices'],
  poolSize: 10,
  statementMs: 20_000,
  needs: ({ telegram }) => ({ telegram: telegram.apiRoot }),
  async start(app) {
    const onCall = createOnCall(app)
    onCall
      .refresh()
      .catch((error: unknown) => app.log.debug({ reason: explain(error) }, 'the admins could not be read'))
    const known = new WeakMap<ServedBot, UserFromGetMe>()
    const lastKnown = createLastKnown(app.backend)
    // Imported here, so that the processes of other workers do not load the screens.
    const { features } = await import('#shop/screens.ts')
    const routes = routesOf(features, acts)
    const parts: BotParts = {
      app,
      routes,
      settingGroups,
      arrive: arrivals(app.db),
      finish: endings(app.db),
      flood: createLimit(app.backend, { name: 'person', points: 20, seconds: 10, untold: 5 }),
      floodNotice: createLimit(app.backend, { name: 'person-told', points: 1, seconds: 10 }),
      news: new NewsChannel(),
      lastKnown,
      onCall,
      outage: createOutage(app, lastKnown, onCall, routes.mayWait),
      awaited: createAwaited(app.backend),
      async me(served: ServedBot) {
        const me = known.get(served) ?? (await identify(app.db, served, app.bots))
        if (me) known.set(served, me)
        return me
      },
    }
    priceProblems(app)
      .then((problems) => problems.forEach((problem) => app.log.warn(problem)))
      .catch((error: unknown) => app.log.debug({ reason: explain(error) }, 'the prices could not be read'))
    const inTurn = pLimit(DESCRIBED_AT_ONCE)
    for (const served of app.bots.values()) void inTurn(() => describeBot(app, served))
    return {
      handlers: [
        handle(telegramUpdate, (payload, run) => handleUpdate(parts, payload, run)),
        handle(telegramInline, createInline(app, routes)),
        handle(tellAlerts, async ({ topic }) => {
          await tellTopic(app, topic)
          return done
        }),
        handle(sendNotice, (payload, run) => deliverNotice(app, payload, run)),
        handle(closeOrderCard, ({ orderId }) => closeCard(app, orderId)),
        handle(takeKeys, (former) => takeFormerKeys(app, former)),
        ...(await start.bot(app)).handlers,
      ],
    }
  },
}
