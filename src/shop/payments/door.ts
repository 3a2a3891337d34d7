import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ZodError } from 'zod'
import { withoutOurs } from '#shared/config/known-secrets.ts'
import { Rejected, explain } from '#shared/errors.ts'
import type { WebhookCall, PaymentProvider } from './providers/port.ts'
import { paymentProviders } from './providers/registry.ts'
import { paymentWebhook } from './jobs.ts'
import { readReference } from './reference.ts'
import { doorSpan, traced } from '#shared/trace/trace.ts'
import type { Door, DoorContext } from '#shared/door.ts'

/** Providers send a few KiB; what is larger is not theirs. */
const BODY_LIMIT = 64 * 1024

type Request = FastifyRequest<{ Params: { provider: string; token?: string } }>

/**
 * `POST /webhooks/:provider` and `/webhooks/:provider/:token`: genuine by its signature over the raw bytes or by the
 * secret in the path (401 otherwise), on the queue for good (200), or 503 so that the provider sends it again.
 * A provider that an admin has switched off keeps its door: money that was on its way still arrives.
 */
async function paymentRoutes(app: FastifyInstance, context: DoorContext): Promise<void> {
  const providers = paymentProviders(context.config.payments, context.config.gateway.publicUrl)
  const clean = withoutOurs(context.config)
  const receive = (request: Request, reply: FastifyReply) =>
    take(context, { providers, clean }, request, reply)
  app.post('/webhooks/:provider', { bodyLimit: BODY_LIMIT }, receive)
  app.post('/webhooks/:provider/:token', { bodyLimit: BODY_LIMIT }, receive)
}

async function take(
  context: DoorContext,
  { providers, clean }: { providers: ReadonlyMap<string, PaymentProvider>; clean: (text: string) => string },
  request: Request,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { provider: name, token } = request.params
  const door = (reason: string) => context.metrics.doorRefused.inc({ door: 'webhooks', reason })
  const provider = providers.get(name)
  if (!provider) {
    door('unknown provider')
    return reply.code(404).send({ title: 'No such provider' })
  }
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const delivery: WebhookCall = { body, headers: request.headers, ...(token && { token }) }
  if (!provider.isGenuine(delivery)) {
    door(`${name}: signature`)
    return reply.code(401).send({ title: 'Wrong or missing signature' })
  }
  // The signature held for the body as it came. From here on our own keys, if the body quotes them, are left out.
  const text = clean(body.toString('utf8'))
  try {
    const { key, reference } = provider.readWebhook(text)
    const payment = readReference(reference)?.id
    await traced(
      context.tracer,
      () => doorSpan('payment webhook', { payment }, { 'telekassa.provider': name }),
      () => context.producer.add(paymentWebhook, { provider: name, key, body: text }),
    )
  } catch (error) {
    if (!(error instanceof Rejected || error instanceof ZodError)) throw error
    door(`${name}: malformed`)
    // The webhook is genuine, but its shape is not in the contract. A repeat would look the same, so none is asked for.
    context.log.error({ provider: name, reason: explain(error) }, 'a webhook has a shape that we do not know')
    return reply
      .code(provider.supports.signedWebhooks ? 200 : 400)
      .send({ title: 'Not an event of a payment' })
  }
  return reply.code(200).send()
}

export const paymentsDoor: Door = { mount: paymentRoutes }
