import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { STUCK_AFTER_MS } from '#shared/progress.ts'
import { openPhone } from '../lib/phone.ts'
import { openKit } from '../lib/stars-premium-kit.ts'
import type { Kit } from '../lib/stars-premium-kit.ts'
import { redisAvailable } from '../lib/requirements.ts'

/** How much faster than the real one the watchdog's clock runs; STUCK_CLOCK_RATE=1 runs the test in real time. */
const RATE = Number(process.env['STUCK_CLOCK_RATE'] ?? 30)

describe.skipIf(!redisAvailable())('one of two bot workers has an update that hangs', () => {
  let kit: Kit
  beforeAll(async () => {
    kit = await openKit()
    await kit.control('PUT', '/settings', { chatPerSecond: 0, globalPerSecond: 0 })
    await kit.gateway()
  })
  afterAll(() => kit.close())

  test(
    'F38 it says which and where, ends by itself, and the other one answers its chat',
    { timeout: STUCK_AFTER_MS / RATE + 180_000 },
    async () => {
      const hanging = await kit.process(['bot'], {
        NODE_OPTIONS: `--import=${join(import.meta.dirname, '../lib/lost-command.ts')}`,
        CLOCK_RATE: String(RATE),
      })
      const phone = openPhone(`${kit.telegram.url}/control`, 'shop_bot', Number(await kit.person(1n)))
      await phone.create()
      await phone.start()
      await phone.hears('Balance')
      await kit.control('POST', '/faults', {
        on: 'call',
        method: 'sendMessage',
        chat: phone.id,
        times: 1,
        do: { retry_after: 2 },
      })
      await phone.say('/help')
      await hanging.waitFor(/the command is lost/)
      await kit.process(['bot'], {})
      expect(await hanging.ended).toBe(1)
      const last = hanging.lines.find((line) => line.includes('is stuck'))!
      const { problem } = JSON.parse(last) as { problem: string }
      expect(problem).toMatch(
        /^the job update-main-\d+ of updates-\d+ has been in the step "put off" for \d+ s$/,
      )
      await phone.hears('What you can do here')
    },
  )
})
