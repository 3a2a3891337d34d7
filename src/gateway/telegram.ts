import type { FastifyInstance } from 'fastify'
import { webhookSecret } from '../shared/telegram/webhook-secret.ts'
import { enqueueUpdate, isUpdate } from '../shared/telegram/intake.ts'
import { sameText } from '../shared/secrets.ts'
import type { GatewayContext } from './gateway.ts'

/**
 * `POST /telegram/:bot`: 200 only after the update is durably enqueued. The secret is checked before the body is read
 * as JSON. Non-2xx makes Telegram send the update again, for up to 24 hours.
 */
export async function telegramRoutes(app: FastifyInstance, context: GatewayContext): Promise<void> {
  const { bots, telegram } = context.config
  const other = telegram.webhookOtherSecret
  const secrets = new Map(
    bots.map((bot) => [
      bot.name,
      [webhookSecret(bot, telegram.webhookSecret), ...(other === undefined ? [] : [other])],
    ]),
  )
  const refused = (reason: string) => context.metrics.doorRefused.inc({ door: 'telegram', reason })

  app.post<{ Params: { bot: string } }>('/telegram/:bot', async (request, reply) => {
    const known = secrets.get(request.params.bot)
    if (known === undefined) {
      refused('unknown bot')
      return reply.code(404).send({ title: 'No such bot' })
    }
    const given = request.headers['x-telegram-bot-api-secret-token']
    if (typeof given !== 'string' || !known.some((secret) => sameText(given, secret))) {
      refused('secret')
      return reply.code(401).send({ title: 'Wrong or missing secret token' })
    }
    const update = parseJson(request.body)
    if (!isUpdate(update)) {
      refused('not an update')
      return reply.code(400).send({ title: 'Not a Telegram update' })
    }
    await enqueueUpdate(context, request.params.bot, update)
    return reply.code(200).send()
  })
}

function parseJson(body: unknown): unknown {
  if (!Buffer.isBuffer(body)) return undefined
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
