import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { BotSettings } from '#shared/config/bots.ts'
import { webhookSecrets } from '#shared/telegram/webhook-secret.ts'
import { storableJson } from '#shared/storable.ts'
import { enqueueUpdate, isUpdate } from '#shared/telegram/intake.ts'
import { createAwaited, sealSecrets } from '#shared/telegram/sealed.ts'
import { secretsFrom, sameText } from '#shared/secrets.ts'
import type { DoorContext } from '#shared/door.ts'
import { takeJsonFast } from './json-body.ts'

const DOOR = '/telegram/:bot'

/**
 * `POST /telegram/:bot`: answers 200 only after the update is safely queued. The secret is checked before the body is
 * parsed. After any other status Telegram sends the update again, for up to 24 hours.
 */
export async function telegramRoutes(app: FastifyInstance, context: DoorContext): Promise<void> {
  const bots = context.bots ?? new Map(context.config.bots.map((bot) => [bot.name, bot]))
  const ours = secretsFrom(context.config)
  const secretsOf = secretsByToken(context.config)
  const awaited = createAwaited(context.backend)
  const refused = (reason: string) => context.metrics.doorRefused.inc({ door: 'telegram', reason })
  const measure = (status: number, begun: number) =>
    context.metrics.webhookAck.observe({ door: DOOR, status }, (performance.now() - begun) / 1000)

  /**
   * Handles one delivery.
   * @returns the HTTP status and body to answer with
   */
  async function take(request: FastifyRequest<{ Params: { bot: string } }>): Promise<[number, object?]> {
    const bot = bots.get(request.params.bot)
    if (bot === undefined) {
      refused('unknown bot')
      return [404, { title: 'No such bot' }]
    }
    const given = request.headers['x-telegram-bot-api-secret-token']
    if (typeof given !== 'string' || !secretsOf(bot).some((secret) => sameText(given, secret))) {
      refused('secret')
      return [401, { title: 'Wrong or missing secret token' }]
    }
    const update = parseJson(request.body)
    if (!isUpdate(update)) {
      refused('not an update')
      return [400, { title: 'Not a Telegram update' }]
    }
    const isAwaited = await awaited.by(bot.name, update)
    await enqueueUpdate(context, bot, sealSecrets(ours, update, isAwaited))
    return [200]
  }

  await app.register(async (doors) => {
    takeJsonFast(doors)
    // Answers requests that fail before their handler, such as one with too large a body.
    doors.setErrorHandler((error, request, reply) => {
      app.errorHandler(error, request, reply)
      measure(reply.statusCode, performance.now())
    })
    doors.post<{ Params: { bot: string } }>(DOOR, async (request, reply) => {
      const begun = performance.now()
      // The reply is not returned from the handler: fastify would wait for it with several listeners.
      try {
        const [status, body] = await take(request)
        void reply.code(status).send(body)
      } catch (error) {
        app.errorHandler(error as Error, request, reply)
      }
      measure(reply.statusCode, begun)
    })
  })
}

/** The webhook secrets of a bot, computed once per token, because every update is checked with them. */
function secretsByToken(config: DoorContext['config']): (bot: BotSettings) => string[] {
  const known = new Map<string, string[]>()
  return (bot) => {
    const secrets = known.get(bot.token) ?? webhookSecrets(config, bot)
    known.set(bot.token, secrets)
    return secrets
  }
}

function parseJson(body: unknown): unknown {
  if (!Buffer.isBuffer(body)) return undefined
  try {
    return storableJson(JSON.parse(body.toString('utf8')) as unknown)
  } catch {
    return undefined
  }
}
