import proxy from '@fastify/http-proxy'
import type { FastifyInstance } from 'fastify'
import type { DoorContext } from '#shared/door.ts'

/** `GET /sandbox`: the chat page, served by the sandbox's own server. Without SANDBOX_URL there is no such route. */
export async function sandboxRoutes(app: FastifyInstance, context: DoorContext): Promise<void> {
  const upstream = context.config.gateway.sandboxUrl
  if (!upstream) return
  app.get('/', (_request, reply) => reply.redirect('/sandbox'))
  await app.register(proxy, {
    upstream,
    prefix: '/sandbox',
    rewritePrefix: '/sandbox',
    http: { requestOptions: { timeout: 0 } },
  })
}
