import { InputFile } from 'grammy'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../lib/eventually.ts'
import { type ImageShop, openImageShop } from '../lib/picture-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

/** Longer than the test, so a worker that waits for it still waits when it is killed. */
const FOREVER_MS = 300_000
/** Longer than it takes until the worker is killed; afterwards the test moves the provider's clock by this time. */
const DRAWN_MS = 120_000

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==',
  'base64',
)

describe.skipIf(!redisAvailable())('an images worker killed with kill -9', () => {
  let shop: ImageShop
  beforeAll(async () => {
    shop = await openImageShop({
      workers: [],
      env: { IMAGE_DEADLINE_MS: '30000', IMAGE_START_TIMEOUT_MS: '3000' },
      kie: {
        settings: {
          fate: { waitMs: 50, queueMs: 50, drawMs: 100, file: 'plain' },
          fates: [
            { prompt: 'start, heard of', replyDelayMs: FOREVER_MS },
            { prompt: 'start, never heard of', replyDelayMs: FOREVER_MS, callbacks: 0 },
            { prompt: 'drawing', drawMs: DRAWN_MS },
            { prompt: 'download', fileDelayMs: FOREVER_MS, fileDelays: 1 },
          ],
        },
      },
    })
  })
  afterAll(() => shop.close())

  test('F1, F2, F10: at whatever step it was killed, another worker ends every order: delivered and paid once, or returned', async () => {
    const steps = [
      'start, heard of',
      'start, never heard of',
      'drawing',
      'download',
      'upload',
      'photo',
      'queued',
    ]
    const people = new Map(steps.map((step, index) => [step, 1001 + index]))
    for (const person of people.values()) await shop.person(person, 5n)
    await shop.control('PUT', '/faults', [
      // The picture is in the chat, but the worker never learns so.
      {
        on: 'call',
        method: 'editMessageMedia',
        chat: people.get('upload'),
        times: 1,
        do: { delay_ms: FOREVER_MS },
      },
      { on: 'call', method: 'getFile', times: 1, do: { delay_ms: FOREVER_MS } },
    ])
    const first = await shop.process()
    const orders = new Map<string, string>()
    for (const step of steps.filter((step) => step !== 'queued' && step !== 'photo')) {
      orders.set(step, await shop.order(people.get(step)!, step))
    }
    const { photo } = await shop.api.sendPhoto(people.get('photo')!, new InputFile(PIXEL, 'p.png'))
    const fileId = photo.at(-1)!.file_id
    orders.set('photo', await shop.order(people.get('photo')!, 'photo', 'nano-2', [fileId]))

    const { provider, control } = shop
    await eventually(async () => {
      const requests = await provider<
        { operation: string; status: unknown; body: { input?: { prompt?: string } } }[]
      >('GET', '/requests')
      const calls = await control<{ method: string; params: { chat_id?: number } }[]>(
        'GET',
        '/requests?limit=10000',
      )
      const stages = new Map((await shop.orders()).map(({ prompt, stage }) => [prompt, stage]))
      const tasks = (await shop.tasks()).map(({ prompt }) => prompt)
      return (
        tasks.includes('start, heard of') &&
        tasks.includes('start, never heard of') &&
        stages.get('drawing') === 'drawing' &&
        stages.get('download') === 'ready' &&
        requests.some(({ operation }) => operation === 'file') &&
        stages.get('upload') === 'ready' &&
        calls.some(({ method }) => method === 'editMessageMedia') &&
        calls.some(({ method }) => method === 'getFile')
      )
    })
    await first.kill('SIGKILL')
    orders.set('queued', await shop.order(people.get('queued')!, 'queued'))
    await shop.control('PUT', '/faults', [])
    await provider('PUT', '/clock', { advance_ms: DRAWN_MS })
    await shop.process()

    for (const [step, order] of orders) {
      await shop.is(order, step === 'start, never heard of' ? 'failed' : 'delivered', 90_000)
    }
    for (const [step, person] of people) {
      const returned = step === 'start, never heard of'
      expect(await shop.tokens(person), step).toMatchObject({ available: returned ? 5n : 4n, held: 0n })
      const shown = (await shop.chat(person)).filter(({ photo }) => photo)
      expect(shown, step).toHaveLength((returned ? 0 : 1) + (step === 'photo' ? 1 : 0))
    }
    // There is one task for each order, so no start was ever repeated.
    const tasks = (await shop.tasks()).map(({ prompt }) => prompt)
    expect(tasks.toSorted()).toEqual(steps.toSorted())
    const captures = await shop.db.rows(q`select 1 from postings where kind = 'generation'`)
    expect(captures).toHaveLength(steps.length - 1)
    const open = await shop.db.rows(q`select 1 from holds where state = 'open'`)
    expect(open).toHaveLength(0)
  })
})
