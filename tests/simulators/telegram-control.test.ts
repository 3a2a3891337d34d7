import { Bot } from 'grammy'
import { eventually } from '../lib/eventually.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ANNA, expectRefusal, refusal, telegramFor, TOKEN, until } from './telegram-kit.ts'

type Kit = Awaited<ReturnType<typeof telegramFor>>

/** How many calls were accepted before the first refusal. */
async function passed(call: () => Promise<unknown>, most: number) {
  for (let n = 0; n < most; n++) {
    const said = await call().then(
      () => undefined,
      () => n,
    )
    if (said !== undefined) return said
  }
  return most
}

describe('limits', () => {
  const still = { chatPerSecond: 0.001 }

  test('one chat takes a short burst, then 429 with retry_after in body and header (F39)', async () => {
    const kit = await telegramFor({ settings: still })
    expect(await passed(() => kit.api.sendMessage(ANNA, 'x'), 20)).toBe(5)
    const answer = await kit.raw('sendMessage', { chat_id: ANNA, text: 'x' })
    const body = (await answer.json()) as { parameters: { retry_after: number }; description: string }
    const { retry_after } = body.parameters
    expect(answer.status).toBe(429)
    expect(answer.headers.get('retry-after')).toBe(String(retry_after))
    expect(body).toMatchObject({
      ok: false,
      error_code: 429,
      description: `Too Many Requests: retry after ${retry_after}`,
    })
    await kit.control('PUT', '/clock', { advance_ms: retry_after * 1000 })
    expect(await kit.api.sendMessage(ANNA, 'x')).toMatchObject({ text: 'x' })
  })

  test('30 messages a second in all, whatever the chats', async () => {
    const kit = await telegramFor({ still: true, settings: { globalPerSecond: 30 } })
    await kit.control('POST', '/people', { count: 200, firstId: 1000, started: ['shop_bot'] })
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, n) => kit.raw('sendMessage', { chat_id: 1000 + n, text: 'x' })),
    )
    const sent = outcomes.filter((answer) => answer.status === 200).length
    const refused = outcomes.filter((answer) => answer.status === 429).length
    expect([sent, refused]).toEqual([30, 170])
  })

  test('a group takes 20 messages in any minute, so a pause in between gives no more', async () => {
    const kit = await telegramFor({ still: true })
    await kit.control('POST', '/chats', {
      id: -7,
      type: 'supergroup',
      title: 'G',
      members: { 100: 'member' },
    })
    const send = () => kit.api.sendMessage(-7, 'x')
    expect(await passed(send, 12)).toBe(12)
    await kit.control('PUT', '/clock', { advance_ms: 40_000 })
    expect(await passed(send, 12)).toBe(8)
    expect((await refusal(send())).parameters.retry_after).toBe(20)
    await kit.control('PUT', '/clock', { advance_ms: 20_000 })
    expect(await passed(send, 20)).toBe(12)
  })

  test('a paid broadcast goes beyond 30 a second for 0.1 Star a message, while there are Stars', async () => {
    const kit = await telegramFor({ settings: { globalPerSecond: 0.001 } })
    await kit.control('PATCH', '/bots/shop_bot', { stars: 3 })
    const call = () => kit.api.sendMessage(ANNA, 'x', { allow_paid_broadcast: true })
    expect(await passed(call, 40)).toBe(30)
    await expectRefusal(call(), 400, 'Bad Request: BALANCE_TOO_LOW')
    expect(await kit.api.getMyStarBalance()).toEqual({ amount: 0 })
    expect((await kit.api.getStarTransactions()).transactions).toMatchObject([
      { amount: 3, nanostar_amount: 0, receiver: { type: 'telegram_api', request_count: 30 } },
    ])
  })

  test('a refused message costs nothing of the budget and edits count like messages', async () => {
    const kit = await telegramFor({ settings: still })
    for (let n = 0; n < 10; n++) await refusal(kit.api.sendMessage(ANNA, '<b>', { parse_mode: 'HTML' }))
    const { message_id } = await kit.api.sendMessage(ANNA, '0')
    let text = 0
    expect(await passed(() => kit.api.editMessageText(ANNA, message_id, String(++text)), 10)).toBe(4)
  })
})

describe('faults of calls', () => {
  const fault = (kit: Kit, rule: object) => kit.control('POST', '/faults', { on: 'call', ...rule })

  test('a reply lost after the work leaves the message in the chat (F44)', async () => {
    const kit = await telegramFor()
    await fault(kit, { method: 'sendMessage', do: { drop: 'after' } })
    expect(await refusal(kit.api.sendMessage(ANNA, 'once'))).toMatchObject({ code: 0 })
    expect((await kit.chat()).map((message) => message.text)).toEqual(['once'])
    await fault(kit, { method: 'sendMessage', do: { drop: 'before' } })
    expect(await refusal(kit.api.sendMessage(ANNA, 'never'))).toMatchObject({ code: 0 })
    expect(await kit.chat()).toHaveLength(1)
    expect((await kit.api.sendMessage(ANNA, 'then')).text).toBe('then')
  })

  test('a call that is dropped before the work hangs first for as long as its fault says', async () => {
    const kit = await telegramFor()
    await fault(kit, { method: 'sendMessage', do: { drop: 'before', delay_ms: 60_000 } })
    let isOver = false
    const call = refusal(kit.api.sendMessage(ANNA, 'never')).finally(() => (isOver = true))
    await eventually(async () => (await kit.control<{ hits: number }[]>('GET', '/faults'))[0]!.hits === 1)
    await kit.api.getMe()
    expect(isOver).toBe(false)
    await kit.control('PUT', '/clock', { advance_ms: 60_000 })
    expect(await call).toMatchObject({ code: 0 })
    expect(await kit.chat()).toEqual([])
  })

  test('a 502 may come before or after the work, a 429 with its wait, and only where the rule fits', async () => {
    const kit = await telegramFor()
    await fault(kit, {
      method: ['sendMessage'],
      chat: ANNA,
      skip: 1,
      times: 1,
      do: { status: 502, after: true },
    })
    await kit.api.sendMessage(ANNA, 'a')
    expect(await refusal(kit.api.sendMessage(ANNA, 'b'))).toMatchObject({ code: 502 })
    expect(await kit.chat()).toHaveLength(2)
    await fault(kit, { method: 'getMe', do: { retry_after: 17 } })
    expect(await refusal(kit.api.getMe())).toMatchObject({ code: 429, parameters: { retry_after: 17 } })
    await fault(kit, { do: { status: 502, body: '<html>Bad Gateway</html>' } })
    expect(await (await kit.raw('getMe', {})).text()).toBe('<html>Bad Gateway</html>')
    expect(await kit.control('GET', '/faults')).toMatchObject([{ hits: 2 }, { hits: 1 }, { hits: 1 }])
    expect(await kit.api.getMe()).toMatchObject({ username: 'shop_bot' })
  })

  test('a revoked token is 401 for one bot until it is healed (F50)', async () => {
    const kit = await telegramFor()
    await kit.control('POST', '/bots', { token: '200:AAother', username: 'other_bot', name: 'Other' })
    await fault(kit, { bot: 'shop_bot', do: { revoke: true } })
    for (let n = 0; n < 2; n++) await expectRefusal(kit.api.getMe(), 401, 'Unauthorized')
    expect(await kit.apiOf('200:AAother').getMe()).toMatchObject({ username: 'other_bot' })
    await fault(kit, { bot: 'shop_bot', do: { revoke: false } })
    expect(await kit.api.getMe()).toMatchObject({ username: 'shop_bot' })
  })

  test('a slow reply is late, with its work done', async () => {
    const kit = await telegramFor()
    await fault(kit, { method: 'sendMessage', do: { delay_ms: 60_000 } })
    const sending = kit.api.sendMessage(ANNA, 'slow')
    await until(async () => (await kit.chat()).length === 1)
    await kit.control('PUT', '/clock', { advance_ms: 60_000 })
    expect((await sending).text).toBe('slow')
  })

  test('a rule that does not exist is refused', async () => {
    const kit = await telegramFor()
    await expect(fault(kit, { do: { explode: true } })).rejects.toThrow('a fault of a call cannot do')
    await expect(kit.control('PUT', '/settings', { speed: 1 })).rejects.toThrow('there is no setting')
  })
})

describe('button presses', () => {
  test('an answer reaches the person, a second one and a late one are too old (F46)', async () => {
    const kit = await telegramFor()
    const bot = new Bot(TOKEN, { client: { apiRoot: kit.url } })
    const ids: string[] = []
    bot.on('callback_query:data', async (context) => {
      ids.push(context.callbackQuery.id)
      if (context.callbackQuery.data === 'go')
        await context.answerCallbackQuery({ text: 'готово', show_alert: true })
    })
    void bot.start()
    onTestFinished(() => bot.stop())
    const { message_id } = await kit.api.sendMessage(ANNA, 'x')
    const press = (data: string) =>
      kit.control('POST', `/chats/shop_bot/${ANNA}/callbacks`, { message_id, data })
    expect(await press('go')).toMatchObject({ answered: true, text: 'готово', show_alert: true })
    const tooOld = 'Bad Request: query is too old and response timeout expired or query ID is invalid'
    await expectRefusal(kit.api.answerCallbackQuery(ids[0]!), 400, tooOld)
    const silent = press('wait')
    await until(() => ids.length === 2)
    await kit.control('PUT', '/clock', { advance_ms: 15_000 })
    expect(await silent).toMatchObject({ answered: false })
    await expectRefusal(kit.api.answerCallbackQuery(ids[1]!), 400, tooOld)
  })
})

describe('watching', () => {
  interface Seen {
    id: number
    event: string
    data: Record<string, unknown>
  }

  async function follow(kit: Kit, query = '', lastId?: number) {
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    const response = await fetch(`${kit.url}/control/events${query}`, {
      signal: stop.signal,
      headers: lastId === undefined ? {} : { 'Last-Event-ID': String(lastId) },
    })
    const seen: Seen[] = []
    void (async () => {
      let rest = ''
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + chunk).split('\n\n')
        rest = blocks.pop()!
        for (const block of blocks) {
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
          if (field('event'))
            seen.push({
              id: Number(field('id')),
              event: field('event')!,
              data: JSON.parse(field('data')!) as Seen['data'],
            })
        }
      }
    })().catch(() => {})
    return { seen, stop: () => stop.abort() }
  }

  test('everything that changes is an event, and a lost connection resumes where it ended', async () => {
    const kit = await telegramFor()
    const { seen, stop } = await follow(kit, '?bot=shop_bot')
    await kit.say('hi')
    const { message_id } = await kit.api.sendMessage(ANNA, 'x')
    await kit.api.editMessageText(ANNA, message_id, 'y')
    await kit.api.sendChatAction(ANNA, 'typing')
    await kit.api.deleteMessage(ANNA, message_id)
    const kinds = ['message', 'update', 'message', 'call', 'edit', 'call', 'action', 'call', 'delete', 'call']
    await until(() => seen.length === kinds.length)
    expect(seen.map(({ event }) => event)).toEqual(kinds)
    expect(seen[4]!.data).toMatchObject({
      bot: 'shop_bot',
      person: ANNA,
      message: { text: 'y', edits: [{ text: 'x' }] },
    })
    expect(seen[3]!.data).toMatchObject({ method: 'sendMessage', status: 200 })
    stop()
    await kit.say('missed')
    const again = await follow(kit, '', seen.at(-1)!.id)
    await until(() => again.seen.length === 2)
    expect(again.seen[0]).toMatchObject({ event: 'message', data: { message: { text: 'missed' } } })
  })

  test('an invoice, its payment and the number of times it was paid are events', async () => {
    const kit = await telegramFor()
    const { seen } = await follow(kit)
    const { message_id } = await kit.api.sendInvoice(ANNA, 'T', 'D', 'p', 'XTR', [{ label: 'l', amount: 5 }])
    const paying = kit.control('POST', `/chats/shop_bot/${ANNA}/payments`, { message_id })
    const [query] = await until(async () => {
      const updates = await kit.api.getUpdates()
      return updates.length > 0 && updates
    })
    await kit.api.answerPreCheckoutQuery(query!.pre_checkout_query!.id, true)
    await paying
    const shown = (event: string) => seen.filter((one) => one.event === event).map(({ data }) => data)
    await until(() => shown('payment').length === 1)
    expect(shown('payment')).toMatchObject([{ outcome: 'paid', amount: 5, payload: 'p', person: ANNA }])
    expect(shown('message')).toMatchObject([
      { message: { invoice: { total_amount: 5, paid: 0 }, inline_keyboard: [[{ pay: true }]] } },
      { message: { from: 'service', successful_payment: { total_amount: 5 } } },
    ])
    expect(shown('edit')).toMatchObject([{ message: { message_id, invoice: { paid: 1 } } }])
  })

  test('who resumes too late is told of the gap', async () => {
    const kit = await telegramFor({ settings: { keepEvents: 5 } })
    for (let n = 0; n < 20; n++) await kit.say(`m${n}`)
    const { seen } = await follow(kit, '', 1)
    await until(() => seen.length > 1)
    expect(seen[0]!.event).toBe('gap')
  })

  test('calls are recorded with parameters, result and refusal', async () => {
    const kit = await telegramFor()
    await kit.api.sendMessage(ANNA, 'x')
    await refusal(kit.api.sendMessage(999, 'x'))
    const [good, bad] = await kit.control<{ id: number }[]>(
      'GET',
      '/requests?bot=shop_bot&method=sendMessage',
    )
    expect(good).toMatchObject({ params: { chat_id: ANNA, text: 'x' }, status: 200, result: { text: 'x' } })
    expect(bad).toMatchObject({ status: 400, ok: false, description: 'Bad Request: chat not found' })
    expect(await kit.control('GET', `/requests?after=${good!.id}`)).toHaveLength(1)
  })
})

describe('size', () => {
  test('20,000 people are there at once, and each gets a message', async () => {
    const kit = await telegramFor({ settings: { globalPerSecond: 0 } })
    expect(
      await kit.control('POST', '/people', { count: 20_000, firstId: 10_000, started: ['shop_bot'] }),
    ).toEqual({
      created: 20_000,
    })
    const send = async (first: number) => {
      for (let id = first; id < first + 2000; id += 16)
        expect((await kit.raw('sendMessage', { chat_id: id, text: 'всем' })).status).toBe(200)
    }
    await Promise.all(Array.from({ length: 16 }, (_, n) => send(10_000 + n)))
    expect(await kit.chat('shop_bot', 11_999)).toMatchObject([{ text: 'всем' }])
    expect(await kit.control('GET', '/people?limit=2&after=29998')).toMatchObject([{ id: 29_999 }])
  })

  test('a reset leaves bots and nothing else', async () => {
    const kit = await telegramFor()
    await kit.say('x')
    await kit.control('POST', '/reset', {})
    expect(await kit.control('GET', '/people')).toEqual([])
    expect(await kit.control('GET', '/requests')).toEqual([])
    expect(await kit.api.getUpdates()).toEqual([])
    await kit.control('POST', '/reset', { bots: false })
    expect(await kit.control('GET', '/bots')).toEqual([])
  })
})
