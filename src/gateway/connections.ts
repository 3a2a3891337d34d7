import { setTimeout as sleep } from 'node:timers/promises'
import { GrammyError } from 'grammy'
import pLimit from 'p-limit'
import type { Db } from '#shared/db/db.ts'
import { explain } from '#shared/errors.ts'
import type { Shared } from '#shared/context.ts'
import { secretsFrom } from '#shared/secrets.ts'
import type { Bots, ServedBot } from '#shared/telegram/bots.ts'
import { identify } from '#shared/telegram/identify.ts'
import { ALLOWED_UPDATES } from '#shared/telegram/intake.ts'
import { webhookSecrets } from '#shared/telegram/webhook-secret.ts'
import { poll } from './polling.ts'
import type { Poller } from './polling.ts'

const SETUP_RETRY_MS = 5_000
/**
 * How many bots are connected at once: a thousand together would wait for database connections until they are refused.
 */
const AT_ONCE = 50

interface Connection {
  bot: ServedBot
  /** Telegram's reason against the address of this bot's door; undefined = none. */
  refusal(): string | undefined
  working: Promise<void>
  /** @param forGood the bot was removed: Telegram shall deliver its updates to nobody */
  end(forGood: boolean): Promise<void>
}

export interface Connections {
  /** Connects bots that are new or have a new token, and disconnects removed ones. */
  follow(bots: Bots): void
  /** Why Telegram refuses the addresses of all bots; undefined = it accepts at least one, or is away. */
  webhooksRefused(): string | undefined
  /** Resolves when every bot is connected or refused by Telegram. */
  connected(): Promise<void>
  stop(): Promise<void>
}

/**
 * Connects every bot with Telegram: in webhook mode Telegram is told the door's address, in polling mode it is asked
 * for updates.
 */
export function createConnections(context: Shared & { db: Db }): Connections {
  const { config, db, log } = context
  const lines = new Map<string, Connection>()
  const secrets = secretsFrom(config)
  const inTurn = pLimit(AT_ONCE)
  /** Connections that are being ended. The next connection of the same bot waits for that. */
  const ending = new Map<string, Promise<void>>()

  /** @returns who the bot is; undefined when Telegram refuses its token */
  async function introduce(bot: ServedBot, bots: Bots, signal: AbortSignal) {
    if (signal.aborted) return 'stopped'
    const me = await identify(db, bot, bots)
    if (!me) return undefined
    if (config.telegram.mode === 'webhook') await setWebhook(context, bot)
    else await bot.api.deleteWebhook()
    return me
  }

  function connect(bot: ServedBot, bots: Bots): Connection {
    const stopping = new AbortController()
    let poller: Poller | undefined
    let refusal: string | undefined
    let told: string | undefined
    const work = async (): Promise<void> => {
      await ending.get(bot.name)
      while (!stopping.signal.aborted) {
        try {
          const me = await inTurn(() => introduce(bot, bots, stopping.signal))
          if (me === 'stopped') return
          if (!me) {
            log.error({ bot: bot.name }, 'Telegram refused the token: this bot is parked, the others go on')
            return
          }
          if (config.telegram.mode === 'polling' && !stopping.signal.aborted)
            poller = poll(bot, { ...context, secrets })
          refusal = undefined
          log.info(
            { bot: bot.name, username: me.username, mode: config.telegram.mode },
            'the bot is connected',
          )
          return
        } catch (error) {
          refusal = refusalOf(error)
          // While Telegram is away each attempt fails alike: that is one line, and the next one tells of the end.
          const reason = explain(error)
          log[reason === told ? 'debug' : 'warn'](
            { bot: bot.name, reason },
            'the bot cannot be connected yet, trying again',
          )
          told = reason
          await sleep(SETUP_RETRY_MS, undefined, { signal: stopping.signal }).catch(() => {})
        }
      }
    }
    const working = work()
    return {
      bot,
      refusal: () => refusal,
      working,
      async end(forGood) {
        stopping.abort()
        await working
        await poller?.stop()
        if (!forGood) return
        // Nobody will answer the updates that Telegram still holds for a removed bot, so they are dropped; its payments
        // are also in Telegram's list.
        await bot.api.deleteWebhook().catch((error: unknown) => {
          log.warn({ bot: bot.name, reason: explain(error) }, 'the webhook of a removed bot is not deleted')
        })
        log.info({ bot: bot.name }, 'the bot is disconnected')
      },
    }
  }

  return {
    follow(bots) {
      for (const [name, line] of lines) {
        const bot = bots.get(name)
        if (bot === line.bot && !bot.closing && !bot.parked) continue
        lines.delete(name)
        ending.set(name, line.end(bot?.closing === true))
      }
      for (const bot of bots.values()) {
        if (!lines.has(bot.name) && !bot.closing && !bot.parked) lines.set(bot.name, connect(bot, bots))
      }
    },
    webhooksRefused() {
      const refusals = [...lines.values()].map((line) => line.refusal())
      return refusals.every((one) => one !== undefined) ? refusals[0] : undefined
    },
    async connected() {
      await Promise.all([...lines.values()].map(({ working }) => working))
    },
    async stop() {
      const all = [...lines.values()].map((line) => line.end(false))
      await Promise.allSettled([...all, ...ending.values()])
    },
  }
}

/** Telegram refused the address itself: trying again does not help, unlike after an outage. */
const refusalOf = (error: unknown): string | undefined =>
  error instanceof GrammyError && error.method === 'setWebhook' && error.error_code === 400
    ? error.description
    : undefined

/** 100 deliveries at once: with Telegram's default of 40 a busy bot's updates wait at Telegram first. */
async function setWebhook({ config }: Shared, bot: ServedBot): Promise<void> {
  const base = config.gateway.publicUrl ?? `http://${config.gateway.host}:${config.gateway.port}`
  await bot.api.setWebhook(`${base}/telegram/${bot.name}`, {
    secret_token: webhookSecrets(config, bot)[0],
    allowed_updates: ALLOWED_UPDATES,
    max_connections: 100,
  })
}
