import type { FastifyInstance } from 'fastify'
import { Rejected } from '#shared/errors.ts'
import { pictureProviders, readPictureToken } from './catalogue.ts'
import { pictureCallback } from './jobs.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { doorSpan, traced } from '#shared/trace/trace.ts'
import type { Door, DoorContext } from '#shared/door.ts'

/** The callbacks of Replicate repeat the whole request and its log; those of KIE AI have a few hundred bytes. */
const BODY_LIMIT = 256 * 1024

/**
 * Takes `POST /webhooks/images/:token`. The token names the order and has a code that only we can make. Where the
 * provider signs, its signature is checked over the raw bytes. The door answers 200 only after the job is safely on
 * the queue.
 */
async function pictureRoutes(app: FastifyInstance, context: DoorContext): Promise<void> {
  const providers = pictureProviders(context.config)
  const secrets = secretsFrom(context.config)
  const refused = (reason: string) => context.metrics.doorRefused.inc({ door: 'images', reason })

  const limited = { bodyLimit: BODY_LIMIT }
  app.post<{ Params: { token: string } }>('/webhooks/images/:token', limited, async (request, reply) => {
    const { token } = request.params
    const provider = providers.get(readPictureToken(secrets, token) ?? '')
    if (!provider) {
      refused('token')
      return reply.code(401).send({ title: 'Not a token of ours' })
    }
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    let taskId: string
    try {
      taskId = provider.parseWebhook(body, request.headers).taskId
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      const isForged = error.code === 'webhook.signature'
      refused(isForged ? 'signature' : 'body')
      return reply.code(isForged ? 401 : 400).send({ title: isForged ? 'Wrong signature' : 'Not a callback' })
    }
    await traced(
      context.tracer,
      () => doorSpan('image callback'),
      () => context.producer.add(pictureCallback, { token, taskId }),
    )
    return reply.code(200).send({ ok: true })
  })
}

export const picturesDoor: Door = { mount: pictureRoutes }
