import { expect } from 'vitest'
import { startGateway } from '#gateway/start.ts'
import { startWorker, workerTypes } from '#workers/run.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { openShop } from '../lib/shop.ts'

test.each([
  { refused: ['main_bot', 'second_bot'], ready: false },
  { refused: ['second_bot'], ready: true },
])(
  'gateway and workers wait for a database, and where Telegram refuses the webhook of $refused, /readyz says $ready',
  async ({ refused, ready }) => {
    const lines: string[] = []
    const here = await openShop({ workers: [], mode: 'webhook', gateway: false, lines })
    const description = 'Bad Request: bad webhook: Failed to resolve host'
    const refuse = (bot: string) => ({
      on: 'call',
      method: 'setWebhook',
      bot,
      times: 0,
      do: { status: 400, description },
    })
    await here.control('PUT', '/faults', refused.map(refuse))
    // The database was there when these processes looked at it, and is away when they begin.
    here.proxy.be('down')
    const starting = Promise.all([
      startGateway(here.shared, here.proxy.url),
      ...workerTypes
        .filter(({ name }) => ['bot', 'billing'].includes(name))
        .map((type) => startWorker(type, here.shared, here.proxy.url)),
    ] as const)
    starting.catch(() => {})
    const waiting = () => lines.filter((line) => line.includes('waiting for the database')).length
    await eventually(() => waiting() === 3, { what: 'each says once that it waits' })
    here.proxy.be('up')
    const [gateway, ...workers] = await starting
    expect(waiting()).toBe(3)
    for (const worker of workers) here.onClose(() => worker.stop(3_000))
    await eventually(async () => {
      const calls = await here.calls('setWebhook')
      const bots = (ok: boolean) =>
        new Set(calls.filter((call) => call.ok === ok).map((call) => call.bot)).size
      return bots(false) === refused.length && bots(true) === 2 - refused.length
    })
    await eventually(async () => (await fetch(`${gateway.url}/readyz`)).status === (ready ? 200 : 503))
    const said = await (await fetch(`${gateway.url}/readyz`)).json()
    expect(said).toMatchObject({ ready, parts: { queue: 'ok', telegram: ready ? 'webhook' : description } })
    await gateway.stop()
    await here.close()
  },
)
