import type { FastifyInstance } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDb } from '../shared/db/db.ts'
import { explain } from '../shared/errors.ts'
import type { Shared } from '../shared/context.ts'
import { createBots, identify, registerBots } from '../shared/telegram/bots.ts'
import type { ServedBot } from '../shared/telegram/bots.ts'
import { ALLOWED_UPDATES } from '../shared/telegram/intake.ts'
import { webhookSecret } from '../shared/telegram/webhook-secret.ts'
import { buildGateway } from './gateway.ts'
import { poll } from './polling.ts'
import type { Poller } from './polling.ts'

export interface RunningGateway {
  url: string
  stop(): Promise<void>
}

const SETUP_RETRY_MS = 5_000

/** Opens the doors, then tells Telegram where they are (webhook) or starts to ask it (polling). */
export async function startGateway(shared: Shared, databaseUrl: string): Promise<RunningGateway> {
  const log = shared.log.child({ worker: 'gateway' })
  const db = await openDb(databaseUrl, { max: 10, name: 'gateway' })
  shared.metrics.watchPool('gateway', db.pool)
  const context = { ...shared, log, db }
  const { host, port } = shared.config.gateway
  const app: FastifyInstance = await buildGateway(context)
  const url = await app.listen({ host, port })

  const stopping = new AbortController()
  const pollers: Poller[] = []
  const bots = createBots(shared.config.bots, {
    apiRoot: shared.config.telegram.apiRoot,
    sendRate: shared.config.telegram.sendRate,
    chatRate: shared.config.telegram.chatRate,
    backend: shared.backend,
    metrics: shared.metrics,
  })
  await registerBots(db, shared.config.bots)
  const connect = async (bot: ServedBot): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const me = await identify(db, bot)
        if (!me) {
          log.error({ bot: bot.name }, 'Telegram refused the token: this bot is parked, the others go on')
          return
        }
        if (shared.config.telegram.mode === 'webhook') await setWebhook(shared, bot)
        else {
          await bot.api.deleteWebhook()
          pollers.push(poll(bot, shared, log))
        }
        log.info(
          { bot: bot.name, username: me.username, mode: shared.config.telegram.mode },
          'bot is connected',
        )
        return
      } catch (error) {
        log.warn({ bot: bot.name, reason: explain(error) }, 'bot cannot be connected yet, trying again')
        await sleep(SETUP_RETRY_MS, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }
  const connecting = [...bots.values()].map(connect)

  return {
    url,
    async stop() {
      stopping.abort()
      await Promise.all(pollers.map((poller) => poller.stop()))
      await Promise.allSettled(connecting)
      await app.close()
      await db.close()
    },
  }
}

/** Up to 100 deliveries at once; Telegram's default of 40 is the first thing that a busy bot waits for. */
async function setWebhook({ config }: Shared, bot: ServedBot): Promise<void> {
  const base = config.gateway.publicUrl ?? `http://${config.gateway.host}:${config.gateway.port}`
  await bot.api.setWebhook(`${base}/telegram/${bot.name}`, {
    secret_token: webhookSecret(bot, config.telegram.webhookSecret),
    allowed_updates: ALLOWED_UPDATES,
    max_connections: 100,
  })
}
