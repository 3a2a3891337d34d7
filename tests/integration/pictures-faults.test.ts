import { sql as q } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { attention } from '#shop/attention.ts'
import { atOnceOf } from '#shop/pictures/settings.ts'
import { giveUpPicture } from '#shop/pictures/worker/end.ts'
import { timesOf } from '#shop/pictures/worker/parts.ts'
import { grantPeriod } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { eventually } from '../lib/eventually.ts'
import { type ImageShop, openImageShop } from '../lib/picture-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

const NOT_MODIFIED =
  'Bad Request: message is not modified: specified new message content and reply markup are ...'

describe.skipIf(!redisAvailable())('pictures when something goes wrong', () => {
  let shop: ImageShop
  let person = 100
  const fates = (list: Record<string, unknown>[]) => shop.provider('PUT', '/settings', { fates: list })
  const faults = (...rules: Record<string, unknown>[]) =>
    shop.control(
      'PUT',
      '/faults',
      // The faults meet only the person of this test: an edit that is still under way for another person uses none
      // of them up.
      rules.map((rule) => ({ on: 'call', chat: person, ...rule })),
    )
  const files = async () =>
    (await shop.provider<{ operation: string }[]>('GET', '/requests')).filter(
      ({ operation }) => operation === 'file',
    )
  const captures = async (orderId: string) =>
    (await shop.db.rows(q`select 1 from postings where reference = ${`capture-${orderId}`}`)).length
  /** Moves the provider's clock on, and with it the provider's tasks and the lives of their files. */
  const pass = (ms: number) => shop.provider('PUT', '/clock', { advance_ms: ms })
  /** Ends the time of an order: its deadline has passed, and the job that waits for the deadline looks now. */
  async function timeIsUp(orderId: string) {
    await shop.db.rows(
      q`update generations set deadline_at = now() - interval '1 second' where order_id = ${orderId}`,
    )
    const [queue] = shop.shared.producer.queues.get('images')!
    await eventually(
      async () => {
        await queue!.promoteJobs()
        const [order] = await shop.db.rows(
          q<{ state: string }>`select state from orders where id = ${orderId}`,
        )
        return order!.state === 'failed'
      },
      { what: 'the order has failed', everyMs: 100 },
    )
  }
  const paid = { available: 4n, held: 0n }
  const unpaid = { available: 5n, held: 0n }

  beforeAll(async () => {
    shop = await openImageShop({
      workers: ['images'],
      // No order runs out of time by itself, however slow the machine is.
      env: { IMAGE_DEADLINE_MS: '600000', IMAGE_START_TIMEOUT_MS: '500' },
      times: { late: 300 },
    })
  })
  beforeEach(async () => {
    person++
    await shop.person(person, 5n)
    await shop.provider('POST', '/reset')
    await faults()
  })
  afterAll(() => shop.close())

  test('F47: "message is not modified" is no error, neither on the way nor at the end', async () => {
    await faults(
      { method: 'editMessageText', times: 1, do: { status: 400, description: NOT_MODIFIED } },
      // The picture was put into the message, but the answer got lost: the repeat finds nothing to change.
      { method: 'editMessageMedia', times: 1, do: { drop: 'after' } },
      { method: 'editMessageMedia', times: 1, do: { status: 400, description: NOT_MODIFIED } },
    )
    const order = await shop.order(person, 'кит')
    await shop.is(order, 'delivered')
    expect(await shop.tokens(person)).toMatchObject(paid)
    expect(await captures(order)).toBe(1)
  })

  test('F48: the picture comes as a new message when its progress message was deleted', async () => {
    const order = await shop.order(person, 'слон')
    const card = await shop.message(person, ({ text }) => text)
    await shop.control('DELETE', `/chats/shop_bot/${person}/messages/${card.message_id}`)
    await shop.is(order, 'delivered')
    const picture = await shop.message(person, ({ photo }) => photo)
    expect(picture.message_id).not.toBe(card.message_id)
    expect(await shop.tokens(person)).toMatchObject(paid)
  })

  test('F57: a task that never ends gives the tokens back, says why, and cannot cost anything any more', async () => {
    await fates([{ prompt: 'вечность', end: 'never' }])
    const order = await shop.order(person, 'вечность')
    await eventually(async () => (await shop.orders(person))[0]?.stage === 'drawing')
    await timeIsUp(order)
    expect(await shop.is(order, 'failed')).toMatchObject({ reason: 'timeout' })
    await shop.message(person, ({ text }) => text?.includes('не успела') && text.includes('Токены вернулись'))
    expect(await shop.tokens(person)).toMatchObject(unpaid)
  })

  test('F57: a picture that comes after its time is delivered, and is free', async () => {
    await fates([{ prompt: 'улитка', drawMs: 3_600_000, callbacks: 0 }])
    const order = await shop.order(person, 'улитка')
    await eventually(async () => (await shop.orders(person))[0]?.stage === 'drawing')
    await timeIsUp(order)
    expect(await shop.tokens(person)).toMatchObject(unpaid)
    await pass(3_600_000)
    await shop.message(person, ({ photo, caption }) => photo && caption?.includes('в подарок'))
    expect(await shop.is(order, 'failed')).toMatchObject({ stage: 'late' })
    expect(await shop.tokens(person)).toMatchObject(unpaid)
    expect(await captures(order)).toBe(0)
  })

  test('F58: when Telegram does not take the picture, only the delivery is repeated, and then it is paid', async () => {
    await fates([{ prompt: 'ворон', fileLifeMs: 3_600_000 }])
    await faults({ method: 'editMessageMedia', times: 0, do: { status: 502, body: 'bad gateway' } })
    const order = await shop.order(person, 'ворон')
    const failed = async () =>
      (await shop.calls('editMessageMedia')).filter(
        ({ ok, params }) => !ok && Number(params.chat_id) === person,
      )
    await eventually(async () => (await failed()).length >= 1)
    expect(await shop.tokens(person)).toMatchObject({ available: 4n, held: 1n })
    // The address of the picture is dead after the first download.
    await pass(3_600_000)
    await faults()
    await shop.is(order, 'delivered')
    expect(await shop.tokens(person)).toMatchObject(paid)
    expect(await shop.tasks()).toHaveLength(1)
    expect(await files()).toHaveLength(1)
  })

  test('F126: a picture that a callback brings while the last look finds none is delivered and paid', async () => {
    await faults({ method: 'editMessageMedia', times: 0, do: { status: 502, body: 'bad gateway' } })
    const order = await shop.order(person, 'филин')
    await eventually(async () => (await shop.orders(person))[0]?.stage === 'ready', {
      what: 'the picture is on its way',
    })
    // A worker whose look at the provider failed after the deadline does the same.
    const late = { app: { ...shop.shared, db: shop.db }, times: timesOf(shop.config) }
    await giveUpPicture(late as never, order, 'timeout', 'not finished in time')
    await faults()
    await shop.is(order, 'delivered')
    expect(await shop.tokens(person)).toMatchObject(paid)
    expect(await captures(order)).toBe(1)
  })

  test('F58: what Telegram refuses as a photo arrives as a file', async () => {
    await faults({
      method: 'editMessageMedia',
      times: 1,
      do: { status: 400, description: 'Bad Request: PHOTO_INVALID_DIMENSIONS' },
    })
    const order = await shop.order(person, 'столб')
    await shop.is(order, 'delivered')
    await shop.message(person, ({ document }) => document)
  })

  test('F59, F69, F72: what cannot or must not be fetched or decoded gives the tokens back', async () => {
    const troubles = ['html', 'endless', 'gone', 'bomb', 'private-redirect', 'private-address']
    await fates(troubles.map((file) => ({ prompt: `файл ${file}`, file })))
    const check = async (file: string, somebody: number) => {
      await shop.person(somebody, 5n)
      const order = await shop.order(somebody, `файл ${file}`)
      expect(await shop.is(order, 'failed'), file).toMatchObject({ reason: 'broken' })
      expect(await shop.tokens(somebody), file).toMatchObject(unpaid)
      await shop.message(somebody, ({ text }) => text?.includes('нельзя показать'))
    }
    await Promise.all(troubles.map((file, index) => check(file, person * 1000 + index)))
  })

  test('F59: a picture larger than Telegram takes is shrunk, and its original is there as a file', async () => {
    await fates([{ prompt: 'панорама', file: 'oversize' }])
    const order = await shop.order(person, 'панорама')
    await shop.is(order, 'delivered')
    expect((await shop.message(person, ({ photo }) => photo)).photo).toMatchObject({
      width: 2560,
      height: 853,
    })
  })

  test('a refusal is told as one and kept for the admins, a failure as another', async () => {
    await fates([
      { prompt: 'нельзя', end: 'fail', failMessage: 'Flagged by our content policy' },
      { prompt: 'сбой', end: 'fail', failMessage: 'Internal error' },
    ])
    const refused = await shop.order(person, 'нельзя')
    const failed = await shop.order(person, 'сбой')
    expect(await shop.is(refused, 'failed')).toMatchObject({ reason: 'refused' })
    expect(await shop.is(failed, 'failed')).toMatchObject({ reason: 'failed' })
    expect(await shop.tokens(person)).toMatchObject(unpaid)
    const kept = await shop.db.rows(
      q`select prompt, refused_by from refused_prompts where person_id = ${person}`,
    )
    expect(kept).toEqual([{ prompt: 'нельзя', refused_by: 'provider' }])
  })

  test('F102: a refusal with a pictograph where it is cut ends the order at once', async () => {
    // One of the two texts has the middle of a pictograph at an even place, the other at an odd one.
    for (const words of ['🐱'.repeat(400), `!${'🐱'.repeat(400)}`]) {
      await fates([{ prompt: 'кошка', end: 'fail', failMessage: words }])
      const late = await shop.order(person, 'кошка')
      expect(await shop.is(late, 'failed')).toMatchObject({ reason: 'failed' })
      const body = JSON.stringify({ code: 422, msg: words, data: null })
      await shop.provider('PUT', '/faults', [{ on: 'createTask', do: { status: 422, body } }])
      const early = await shop.order(person, 'собака')
      expect(await shop.is(early, 'failed')).toMatchObject({ reason: 'invalid' })
    }
    expect(await shop.tokens(person)).toMatchObject(unpaid)
  })

  test('a start whose reply is lost is never repeated: its callback finds the order', async () => {
    await fates([{ prompt: 'эхо', loseReply: true }])
    const order = await shop.order(person, 'эхо')
    await shop.is(order, 'delivered')
    expect(await shop.tasks()).toHaveLength(1)
    expect(await shop.tokens(person)).toMatchObject(paid)
  })

  test('a lost reply without a callback gives the tokens back after the deadline, with one task started', async () => {
    await fates([{ prompt: 'тишина', loseReply: true, callbacks: 0 }])
    const order = await shop.order(person, 'тишина')
    await shop.is(order, 'unknown')
    expect(await shop.tokens(person)).toMatchObject({ available: 4n, held: 1n })
    await timeIsUp(order)
    expect(await shop.is(order, 'failed')).toMatchObject({ reason: 'lost' })
    expect(await shop.tokens(person)).toMatchObject(unpaid)
    expect(await shop.tasks()).toHaveLength(1)
  })

  test('a provider that takes no more for now is asked again, one without credits is not', async () => {
    await shop.provider('PUT', '/faults', [{ on: 'createTask', do: { retry_after: 1 } }])
    const busy = await shop.order(person, 'занято')
    await shop.is(busy, 'delivered')
    expect(await shop.tasks()).toHaveLength(1)
    const outOfOrder = async () => {
      const { count } = await attention
        .find(({ route }) => route === 'pictures-admin')!
        .waiting({ app: { db: shop.db }, bot: { name: 'main' }, served: async () => undefined } as never)
      return count
    }
    const before = await outOfOrder()
    await shop.provider('PUT', '/settings', { credits: 0 })
    const poor = await shop.order(person, 'пусто')
    expect(await shop.is(poor, 'failed')).toMatchObject({ reason: 'no-credits' })
    expect(await shop.tokens(person)).toMatchObject(paid)
    await eventually(
      async () =>
        (await shop.db.rows(q`select 1 from alerts where topic = 'image-alert-no-credits'`)).length === 1,
    )
    expect(await outOfOrder(), 'the first page of admins, in the bot and in the browser').toBe(before + 1)
  })

  test('F17: a callback with a wrong token or signature is refused, and one for another task changes nothing', async () => {
    await fates([{ prompt: 'жертва', drawMs: 3_600_000 }])
    const order = await shop.order(person, 'жертва')
    const task = await eventually(
      async () => (await shop.tasks())[0] as { id: string; callbackUrl: string } | undefined,
    )
    const post = (url: string, taskId: string, headers: Record<string, string> = {}) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({
          code: 200,
          data: { taskId, state: 'success', resultJson: '{"resultUrls":["https://evil.example/x.png"]}' },
        }),
      }).then(({ status }) => status)
    const { signed } = await shop.provider<{ signed: Record<string, string> }>('POST', '/callbacks', {
      taskId: 'task_of_somebody',
      url: 'http://127.0.0.1:1/',
      body: {},
    })
    const code = task.callbackUrl.slice(-24)
    const wrongToken = task.callbackUrl.replace(code, 'A'.repeat(24))
    expect(await post(wrongToken, task.id)).toBe(401)
    expect(await post(task.callbackUrl, task.id)).toBe(401)
    // First, genuine headers of another task with our task in the body; then a genuine callback of another task at
    // our address.
    expect(await post(task.callbackUrl, task.id, signed)).toBe(401)
    expect(await post(task.callbackUrl, 'task_of_somebody', signed)).toBe(200)
    expect(await post(`${shop.gatewayUrl}/webhooks/images/x`, task.id)).toBe(401)
    await pass(3_600_000)
    await shop.is(order, 'delivered')
    const picture = await shop.db.rows(
      q<{ url: string }>`select result_url as url from generations where order_id = ${order}`,
    )
    expect(picture[0]?.url).toContain(task.id)
  })

  test('F14: a callback sent several times while it is polled is one picture and one payment', async () => {
    await fates([{ prompt: 'хор', callbacks: 5 }])
    const order = await shop.order(person, 'хор')
    await shop.is(order, 'delivered')
    expect(await captures(order)).toBe(1)
    expect(
      (await shop.calls('editMessageMedia')).filter(
        ({ params }) => params.chat_id === String(person) || params.chat_id === person,
      ),
    ).toHaveLength(1)
  })

  test('a person who blocked the bot pays for nothing', async () => {
    const order = await shop.order(person, 'прощай')
    await shop.control('PATCH', `/people/${person}`, { block: 'shop_bot' })
    expect(await shop.is(order, 'failed')).toMatchObject({ reason: 'undeliverable' })
    expect(await shop.tokens(person)).toMatchObject(unpaid)
  })

  test('429 on an edit stops the edits of that chat for as long as Telegram asked, and the picture still comes', async () => {
    await fates([{ prompt: 'терпение', drawMs: 3_600_000 }])
    await faults({ method: 'editMessageText', times: 1, do: { retry_after: 2 } })
    const order = await shop.order(person, 'терпение')
    const edits = async () =>
      (await shop.calls('editMessageText')).filter(({ params }) => Number(params.chat_id) === person)
    const afterRefusal = async () => {
      const all = await edits()
      const refused = all.findIndex(({ ok }) => !ok)
      return refused >= 0 && all[refused + 1] ? [all[refused]!, all[refused + 1]!] : undefined
    }
    const [refused, next] = await eventually(afterRefusal, { what: 'a refused edit and one after it' })
    expect(next!.at - refused!.at).toBeGreaterThanOrEqual(2000)
    await pass(3_600_000)
    await shop.is(order, 'delivered')
  })

  test('F73: fifty pictures of one person do not delay the first one of another', async () => {
    const drawMs = 300_000
    await shop.provider('PUT', '/settings', { fate: { waitMs: 50, queueMs: 50, drawMs, file: 'plain' } })
    const greedy = person * 1000
    await shop.person(greedy, 60n)
    for (let index = 0; index < 50; index++) await shop.order(greedy, `жадина ${index}`)
    await eventually(async () => (await shop.tasks()).length === 2)
    await shop.order(person, 'скромно')
    // None of the first two is finished, and yet the other person's picture begins before the remaining
    // forty-eight.
    await eventually(async () => (await shop.tasks()).length >= 3)
    expect((await shop.tasks())[2]!.prompt).toBe('скромно')
    // Finished pictures are replaced by others, again two at a time.
    await pass(drawMs + 100)
    await eventually(async () => (await shop.tasks()).length >= 5)
    const [running] = await shop.db.rows(q<{ most: number }>`
      select count(*)::int as most from generations
      where person_id = ${greedy} and stage in ('starting', 'drawing', 'ready')`)
    expect(running!.most).toBeLessThanOrEqual(2)
    const [waiting] = await shop.db.rows(q<{ count: number }>`
      select count(*)::int as count from generations where person_id = ${greedy} and stage = 'queued'`)
    expect(waiting!.count).toBe(46)
  })

  test('a plan that allows four pictures at once draws four at once and takes as many more, until it ends', async () => {
    await shop.provider('PUT', '/settings', {
      fate: { waitMs: 50, queueMs: 50, drawMs: 3_600_000, file: 'plain' },
    })
    const subscriber = person * 1000 + 1
    await shop.person(subscriber, 60n)
    const id = BigInt(subscriber)
    const grant = {
      personId: id,
      plan: 'pro',
      bot: 'shop',
      paidWith: 'gift' as const,
      days: 30,
      renews: false,
    }
    await shop.db.tx((tx) => grantPeriod(tx, { ...grant, reference: `pro-${subscriber}` }))
    const limits = { atOnce: 2, waiting: 2, perDay: 1000, freePerDay: 0 }
    for (let count = 0; count < 6; count++) {
      await shop.order(subscriber, `много ${count}`, 'z-image', [], limits)
    }
    await expect(shop.order(subscriber, 'лишняя', 'z-image', [], limits)).rejects.toMatchObject({
      code: 'image.too-many',
      params: { most: 6 },
    })
    const started = async () => (await shop.tasks()).filter(({ prompt }) => prompt.startsWith('много')).length
    await eventually(async () => (await started()) === 4)
    // The next picture that starts is another person's, because the fifth and the sixth have no room.
    await shop.order(person, 'пора')
    await eventually(async () => (await shop.tasks()).some(({ prompt }) => prompt === 'пора'))
    expect(await started()).toBe(4)
    await shop.db.rows(q`update subscriptions set state = 'ended' where person_id = ${id}`)
    expect(await atOnceOf(shop.db, id, limits)).toBe(2)
  })
})
