import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sameText } from '#shared/secrets.ts'
import type { DoorContext } from '#shared/door.ts'

/** `GET /ops/queues`: the queue dashboard, behind OPS_USER; without one it answers on loopback only. */
export async function opsRoutes(app: FastifyInstance, context: DoorContext): Promise<void> {
  const { opsUser, opsPassword } = context.config.gateway
  const server = new FastifyAdapter()
  server.setBasePath('/ops/queues')
  createBullBoard({
    queues: [...context.producer.queues.values()].flat().map((queue) => new BullMQAdapter(queue)),
    serverAdapter: server,
    options: { uiConfig: { boardTitle: 'telekassa' } },
  })

  await app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'string' },
      scope.getDefaultJsonParser('error', 'error'),
    )
    scope.addHook('onRequest', async (request, reply) => {
      if (allowed(request, opsUser, opsPassword)) return
      await refuse(reply, opsUser !== undefined)
    })
    scope.get('/ops', (_request, reply) => reply.redirect('/ops/queues'))
    await scope.register(server.registerPlugin(), { prefix: '/ops/queues' })
  })
}

function allowed(request: FastifyRequest, user: string | undefined, password: string | undefined): boolean {
  // The socket's own address: a header such as X-Forwarded-For can say anything.
  if (!user || !password)
    return isLoopback(request.socket.remoteAddress) && !request.headers['x-forwarded-for']
  const [scheme, code = ''] = (request.headers.authorization ?? '').split(' ')
  return scheme === 'Basic' && sameText(Buffer.from(code, 'base64').toString(), `${user}:${password}`)
}

function isLoopback(address: string | undefined): boolean {
  return address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1'
}

function refuse(reply: FastifyReply, askPassword: boolean): FastifyReply {
  if (askPassword) {
    return reply
      .code(401)
      .header('www-authenticate', 'Basic realm="telekassa"')
      .send({ title: 'Who are you?' })
  }
  return reply.code(403).send({ title: 'Set OPS_USER and OPS_PASSWORD to open this from elsewhere' })
}
