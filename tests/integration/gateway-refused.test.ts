import { expect } from 'vitest'
import { startGateway } from '#gateway/start.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { openShop } from '../lib/shop.ts'

test.each([
  { refused: ['main_bot', 'second_bot'], ready: false },
  { refused: ['second_bot'], ready: true },
])('where Telegram refuses the webhook of $refused, /readyz says $ready', async ({ refused, ready }) => {
  const here = await openShop({ workers: [], mode: 'webhook', gateway: false })
  const description = 'Bad Request: bad webhook: Failed to resolve host'
  const refuse = (bot: string) => ({
    on: 'call',
    method: 'setWebhook',
    bot,
    times: 0,
    do: { status: 400, description },
  })
  await here.control('PUT', '/faults', refused.map(refuse))
  const gateway = await startGateway(here.shared, here.env['DATABASE_URL']!)
  await eventually(async () => {
    const calls = await here.calls('setWebhook')
    const bots = (ok: boolean) => new Set(calls.filter((call) => call.ok === ok).map((call) => call.bot)).size
    return bots(false) === refused.length && bots(true) === 2 - refused.length
  })
  await eventually(async () => (await fetch(`${gateway.url}/readyz`)).status === (ready ? 200 : 503))
  const said = await (await fetch(`${gateway.url}/readyz`)).json()
  expect(said).toMatchObject({ ready, parts: { queue: 'ok', telegram: ready ? 'webhook' : description } })
  await gateway.stop()
  await here.close()
})
