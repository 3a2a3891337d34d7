import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import helmet from '@fastify/helmet'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { JobType } from 'bullmq'
import { createLimit } from '#shared/limits.ts'
import type { Limit } from '#shared/limits.ts'
import type { BullQueue } from '#shared/queue/bull.ts'
import { sameText } from '#shared/secrets.ts'
import { throughProxy } from '#shared/door.ts'
import type { DoorContext } from '#shared/door.ts'

/** After this many wrong passwords in a minute an address must wait, even with the right one. */
const ATTEMPTS = 10
/** The only changes that the board may make, and only with OPS_WRITE: to add or repeat a job there could move money. */
const PAUSES = /^\/ops\/queues\/api\/queues\/(?:[^/]+\/)?(?:pause|resume)$/
interface OpsContext extends Pick<DoorContext, 'backend' | 'producer'> {
  config: {
    gateway: Pick<DoorContext['config']['gateway'], 'opsUser' | 'opsPassword' | 'opsWrite' | 'publicUrl'>
  }
}

const REFUSED =
  'The board shows, and with OPS_WRITE=true it pauses and resumes queues. Jobs are replayed in /admin'

/** A job state that exists and that BullMQ's types do not name. */
const PAUSED = 'paused' as JobType

/**
 * `GET /ops/queues`: the queue dashboard, behind OPS_USER. Without OPS_USER it answers only on this machine, and not
 * at all if PUBLIC_URL is set, because a proxy on this machine would let everybody in. It shows jobs; with OPS_WRITE
 * it can pause queues.
 */
export async function opsRoutes(app: FastifyInstance, context: OpsContext): Promise<void> {
  const { opsUser, opsPassword, opsWrite, publicUrl } = context.config.gateway
  const attempts = createLimit(context.backend, { name: 'ops', points: ATTEMPTS, seconds: 60 })
  const server = new FastifyAdapter()
  server.setBasePath('/ops/queues')
  createBullBoard({
    queues: [...context.producer.queues.values()]
      .flat()
      .map((queue) => onBoard(queue, context.backend, !opsWrite)),
    serverAdapter: server,
    options: { uiConfig: { boardTitle: 'telekassa' } },
  })

  await app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'string' },
      scope.getDefaultJsonParser('error', 'error'),
    )
    await scope.register(helmet, { contentSecurityPolicy: { directives: POLICY } })
    scope.addHook('onRequest', async (request, reply) => {
      if (!opsUser || !opsPassword) {
        if (publicUrl !== undefined || !isHere(request))
          return reply.code(403).send({ title: 'Set OPS_USER and OPS_PASSWORD to open this' })
      } else {
        const refusal = await checkPassword(request, reply, attempts, `${opsUser}:${opsPassword}`)
        if (refusal) return refusal
      }
      const path = request.url.replace(/\?.*$/, '')
      const reads = request.method === 'GET' || request.method === 'HEAD'
      if (!reads && !(opsWrite && PAUSES.test(path))) return reply.code(405).send({ title: REFUSED })
    })
    scope.get('/ops', (_request, reply) => reply.redirect('/ops/queues'))
    await scope.register(server.registerPlugin(), { prefix: '/ops/queues' })
  })
}

/**
 * On PostgreSQL BullMQ 6.7.0 counts the jobs of a paused queue as paused, and only when asked for by that name; on
 * Redis as waiting. The board (9.10.1) asks in Redis's way and would show a paused PostgreSQL queue as empty. If one
 * of several servers is away, the board would show nothing at all, so that server's queues are shown as away and
 * empty.
 */
function onBoard(queue: BullQueue, backend: OpsContext['backend'], readOnlyMode: boolean): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, { readOnlyMode })
  const counts = adapter.getJobCounts.bind(adapter)
  adapter.getJobCounts = async () => {
    const [all, { paused = 0 }] = await Promise.all([counts(), queue.getJobCounts(PAUSED)])
    return { ...all, waiting: (all.waiting ?? 0) + paused }
  }
  if (backend.servers.length > 1) showWithoutServer(adapter, (error) => backend.isAway(error))
  return adapter
}

function showWithoutServer(adapter: BullMQAdapter, isAway: (error: unknown) => boolean): void {
  let away = false
  const calmly =
    <Args extends unknown[], Answer>(ask: (...args: Args) => Promise<Answer>, nothing: Answer) =>
    async (...args: Args): Promise<Answer> => {
      try {
        const answer = await ask(...args)
        away = false
        return answer
      } catch (error) {
        if (!isAway(error)) throw error
        away = true
        return nothing
      }
    }
  adapter.getJobCounts = calmly(adapter.getJobCounts.bind(adapter), {})
  adapter.isPaused = calmly(adapter.isPaused.bind(adapter), false)
  adapter.getGlobalConcurrency = calmly(adapter.getGlobalConcurrency.bind(adapter), null)
  adapter.getJobSchedulersCount = calmly(adapter.getJobSchedulersCount.bind(adapter), 0)
  adapter.getJobs = calmly(adapter.getJobs.bind(adapter), [])
  adapter.getDescription = () => (away ? 'The Redis of this queue is away' : '')
}

/** The board's style is inside its page; its fonts would come from another host and are blocked. */
const POLICY = {
  defaultSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  // Helmet would make browsers switch to https, which this machine's port does not speak.
  upgradeInsecureRequests: null,
}

/** @returns the refusal that was sent; undefined when the password is right */
async function checkPassword(
  request: FastifyRequest,
  reply: FastifyReply,
  attempts: Limit,
  expected: string,
): Promise<FastifyReply | undefined> {
  const address = request.socket.remoteAddress ?? ''
  const given = request.headers.authorization ?? ''
  const [scheme, code = ''] = given.split(' ')
  const isRight = scheme === 'Basic' && sameText(Buffer.from(code, 'base64').toString(), expected)
  // A request without a password is no wrong guess, because every browser first asks without one.
  const waitMs = await attempts.take(address, given === '' || isRight ? 0 : 1)
  if (waitMs > 0) {
    return reply
      .code(429)
      .header('retry-after', String(Math.ceil(waitMs / 1000)))
      .send({ title: 'Too many wrong passwords, wait a minute' })
  }
  if (isRight) return undefined
  return reply.code(401).header('www-authenticate', 'Basic realm="telekassa"').send({ title: 'Who are you?' })
}

/**
 * Whether the request comes from this machine, under the machine's own name and through no proxy. The socket's address
 * decides, because headers can say anything; another host name means a foreign page whose name was made to point here.
 */
function isHere({ socket, headers }: FastifyRequest): boolean {
  const host = (headers.host ?? '').replace(/:\d+$/, '')
  return (
    isLoopback(socket.remoteAddress) &&
    !throughProxy(headers) &&
    ['localhost', '127.0.0.1', '[::1]'].includes(host)
  )
}

function isLoopback(address: string | undefined): boolean {
  return address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1'
}
