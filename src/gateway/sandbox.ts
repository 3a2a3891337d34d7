import type { ServerResponse } from 'node:http'
import proxy from '@fastify/http-proxy'
import type { FastifyInstance } from 'fastify'
import type { DoorContext } from '#shared/door.ts'

/** `GET /sandbox`: the chat page, served by the sandbox's own server. Without SANDBOX_URL there is no such route. */
export async function sandboxRoutes(app: FastifyInstance, context: DoorContext): Promise<void> {
  const upstream = context.config.gateway.sandboxUrl
  if (!upstream) return
  app.get('/', (_request, reply) => reply.redirect('/sandbox'))
  // An open page follows endless streams, and closing the server would wait for them; so they are ended.
  const open = new Set<ServerResponse>()
  app.addHook('preClose', async () => {
    for (const response of open) response.destroy()
  })
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, { raw }) => {
      open.add(raw)
      raw.once('close', () => open.delete(raw))
    })
    await scope.register(proxy, {
      upstream,
      prefix: '/sandbox',
      rewritePrefix: '/sandbox',
      http: { requestOptions: { timeout: 0 } },
    })
  })
}
