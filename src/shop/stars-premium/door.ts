import type { FastifyInstance } from 'fastify'
import { readOrderToken } from './callback-token.ts'
import { resellerCallback } from './jobs.ts'
import { withoutOurs } from '#shared/config/known-secrets.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { storable } from '#shared/storable.ts'
import { doorSpan, traced } from '#shared/trace/trace.ts'
import type { Door, DoorContext } from '#shared/door.ts'

/** How much of a callback a job keeps; the reseller's own callbacks have a few hundred bytes. */
const BODY_LIMIT = 32 * 1024

/**
 * `POST /webhooks/fragment/:token`: the reseller calls the order's `response_url`. The token alone authenticates: it
 * names our order, and nobody else can make it. The body is not believed; the worker looks the purchase up.
 */
async function resellerRoutes(app: FastifyInstance, context: DoorContext): Promise<void> {
  const secrets = secretsFrom(context.config)
  const clean = withoutOurs(context.config)
  const refused = (reason: string) => context.metrics.doorRefused.inc({ door: 'fragment', reason })

  const limited = { bodyLimit: BODY_LIMIT }
  app.post<{ Params: { token: string } }>('/webhooks/fragment/:token', limited, async (request, reply) => {
    const named = readOrderToken(secrets, request.params.token)
    if (!named) {
      refused('token')
      return reply.code(401).send({ title: 'Wrong token' })
    }
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    await traced(
      context.tracer,
      () => doorSpan('fragment callback', { order: named.orderId }),
      () =>
        context.producer.add(resellerCallback, { ...named, body: clean(storable(body.toString('utf8'))) }),
    )
    return reply.code(200).send()
  })
}

export const starsPremiumDoor: Door = { mount: resellerRoutes }
