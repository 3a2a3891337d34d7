import { createServer } from 'node:http'
import type { Shared } from '#shared/context.ts'
import type { QueueName } from '#shared/queue/queues.ts'
import { throughProxy } from '#shared/door.ts'
import { stateOfServers } from '#shared/queue/primaries.ts'
import { runnableJobs } from '#shared/queue/runnable.ts'

const CHECK_EVERY_MS = 15_000

export interface Health {
  close(): Promise<void>
}

/**
 * Serves `/healthz` (200 while this process gets on with its queues), `/readyz` and `/metrics` of a worker process
 * on HEALTH_PORT, and nothing without HEALTH_PORT. A process that is stuck also ends by itself, with 1, because
 * docker compose restarts a process that has ended and leaves alone one that is only unhealthy.
 */
export async function serveHealth(shared: Shared, queues: readonly QueueName[]): Promise<Health> {
  const watchdog = setInterval(() => {
    void stuck(shared, queues).then((problem) => {
      if (problem === undefined) return
      shared.log.fatal({ problem }, 'this worker is stuck and ends, to be started again')
      process.exit(1)
    })
  }, CHECK_EVERY_MS)
  const { healthPort, gateway } = shared.config
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    // The figures say how much the shop sells. A proxy that leads here by mistake gets none.
    const hidden = path === '/metrics' && throughProxy(request.headers)
    void answer(shared, queues, hidden ? '' : path).then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type }).end(body)
    })
  })
  if (healthPort > 0) {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(healthPort, gateway.host, resolve)
    })
  }
  return {
    async close() {
      clearInterval(watchdog)
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/**
 * With the queue away no worker gets on, and a restart would not help. It would not help a worker that is cut off,
 * either: such a worker takes no job, but one that it has in hand may hang.
 */
async function stuck(shared: Shared, queues: readonly QueueName[]): Promise<string | undefined> {
  const rests = [...(shared.standings ?? [])].some((one) => one.isResting())
  const { progress, backend } = shared
  // A job waits for as long as a server that all jobs need is away.
  const isWell = [...(shared.standings ?? [])].every((one) =>
    Object.values(one.state()).every((part) => part === 'ok'),
  )
  const answers = async (queue: string) => {
    if (!isWell) return false
    const answer = backend.home(queue).ping()
    return await answer.then(
      () => true,
      () => false,
    )
  }
  try {
    const problem = rests ? undefined : progress?.problem(await runnableJobs(shared, queues))
    return problem ?? (await progress?.hanging(answers))
  } catch {
    return undefined
  }
}

interface Reply {
  status: number
  type: string
  body: string
}

async function answer(shared: Shared, queues: readonly QueueName[], path: string): Promise<Reply> {
  const json = (status: number, body: object): Reply => ({
    status,
    type: 'application/json',
    body: JSON.stringify(body),
  })
  if (path === '/healthz') {
    const problem = await stuck(shared, queues)
    return problem === undefined ? json(200, { ok: true }) : json(503, { ok: false, problem })
  }
  if (path === '/metrics') {
    const { registry } = shared.metrics
    return { status: 200, type: registry.contentType, body: await registry.metrics() }
  }
  if (path !== '/readyz') return json(404, { title: 'No such route' })
  const own = queues.flatMap((name) => shared.producer.queues.get(name)!)
  const queue = await stateOfServers([...new Set(own.map(({ name }) => shared.backend.home(name)))])
  const states = [...(shared.standings ?? [])].map((one) => Object.entries(one.state()))
  // One of two workers in a process may know of a failure earlier than the other.
  const parts = Object.fromEntries(
    states.flat().toSorted(([, one], [, other]) => Number(one !== 'ok') - Number(other !== 'ok')),
  )
  const yields = [...(shared.standings ?? [])].some((one) => one.isResting())
  const vendors = Object.assign({}, ...[...(shared.standings ?? [])].map((one) => one.vendors())) as object
  // When one of the queue's servers is away, a worker works on the queues of the others. A vendor that is away for all
  // keeps no release from starting.
  const ready = queue.some && !yields && Object.values(parts).every((part) => part === 'ok')
  return json(ready ? 200 : 503, { ready, yields, parts: { ...vendors, ...parts, ...queue.parts } })
}
