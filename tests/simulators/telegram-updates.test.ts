import { execFileSync } from 'node:child_process'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { listen } from '@telekassa/telegram-sandbox/lib/http'
import { Bot, InputFile, webhookCallback } from 'grammy'
import { describe, expect, onTestFinished, test } from 'vitest'
import { onPath } from '../lib/requirements.ts'
import { ANNA, expectRefusal, refusal, telegramFor, TOKEN, until, webhook } from './telegram-kit.ts'
import type { Arrival } from './telegram-kit.ts'

type Kit = Awaited<ReturnType<typeof telegramFor>>

const texts = (arrivals: Arrival[]) => arrivals.map(({ update }) => update.message?.text)

const second = async (kit: Kit) => {
  await kit.control('POST', '/people', { id: 8, first_name: 'Борис', started: ['shop_bot'] })
  return (text: string) => kit.say(text, 8)
}

describe('webhooks', () => {
  test('an update carries the secret and is delivered once it is answered with 2xx', async () => {
    const { api, say } = await telegramFor()
    const { url, arrivals } = await webhook(() => 200)
    await api.setWebhook(url, { secret_token: 'se_cret-1' })
    await say('hello')
    await until(() => arrivals.length === 1)
    expect(arrivals[0]).toMatchObject({ secret: 'se_cret-1', update: { message: { text: 'hello' } } })
    await until(async () => (await api.getWebhookInfo()).pending_update_count === 0)
  })

  test("grammY's own webhook handler works against it", async () => {
    const kit = await telegramFor()
    const bot = new Bot(TOKEN, { client: { apiRoot: kit.url } })
    bot.on('message:text', (context) => context.reply(`echo ${context.message.text}`))
    const handle = webhookCallback(bot, 'http', { secretToken: 's' })
    const server = await listen((request, response) => handle(request, response))
    onTestFinished(() => server.close())
    await kit.api.setWebhook(server.url, { secret_token: 's' })
    await kit.say('a')
    await until(async () => (await kit.chat()).some((message) => message.text === 'echo a'))
  })

  test('one failing update holds back its own chat and no other, and order is kept', async () => {
    const kit = await telegramFor({ settings: { retryBaseMs: 20 } })
    let refusals = 3
    const { url, arrivals } = await webhook((update) =>
      update.message?.text === 'a1' && refusals-- > 0 ? 500 : 200,
    )
    await kit.api.setWebhook(url)
    const other = await second(kit)
    for (const text of ['a1', 'a2', 'a3']) await kit.say(text)
    await other('b1')
    await until(() => texts(arrivals).includes('a3'))
    expect(texts(arrivals).filter((text) => text !== 'b1')).toEqual(['a1', 'a1', 'a1', 'a1', 'a2', 'a3'])
    expect(texts(arrivals)).toContain('b1')
    expect(await kit.api.getWebhookInfo()).toMatchObject({
      last_error_message: expect.stringContaining('500') as string,
    })
  })

  test('a message, a press and a pre-checkout of one person run in parallel, two presses do not', async () => {
    const kit = await telegramFor()
    let busy = 0
    let most = 0
    const open: (() => void)[] = []
    const { url, arrivals } = await webhook(async () => {
      most = Math.max(most, ++busy)
      await new Promise<void>((resolve) => open.push(resolve))
      busy--
      return 200
    })
    const message_id = (await kit.api.sendMessage(ANNA, 'x')).message_id
    const { message_id: invoice } = await kit.api.sendInvoice(ANNA, 'T', 'D', 'p', 'XTR', [
      { label: 'l', amount: 5 },
    ])
    await kit.api.setWebhook(url)
    const paying = kit.control('POST', `/chats/shop_bot/${ANNA}/payments`, { message_id: invoice })
    const presses = ['1', '2'].map((data) =>
      kit.control('POST', `/chats/shop_bot/${ANNA}/callbacks`, { message_id, data }),
    )
    await kit.say('text')
    await until(() => arrivals.length === 3)
    expect(new Set(arrivals.flatMap(({ update }) => Object.keys(update)))).toEqual(
      new Set(['update_id', 'message', 'callback_query', 'pre_checkout_query']),
    )
    while (arrivals.length < 4 || busy > 0) {
      open.shift()?.()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(arrivals.flatMap(({ update }) => update.callback_query?.data ?? [])).toHaveLength(2)
    expect(most).toBe(3)
    // Nobody has answered any of these updates.
    await kit.control('PUT', '/clock', { advance_ms: 15_000 })
    await Promise.all([...presses, paying])
  })

  test('the first retry does not wait at all', async () => {
    const kit = await telegramFor({ settings: { retryBaseMs: 3600_000, retryMaxMs: 3600_000 } })
    const { url, arrivals } = await webhook(() => 500)
    await kit.api.setWebhook(url)
    await kit.say('x')
    await failures(kit, 2)
    expect(arrivals).toHaveLength(2)
  })

  test('a retry comes at once, then after 2, 4, 8 s, and Retry-After goes first', async () => {
    const kit = await telegramFor({ still: true })
    let answer: number | { status: number; headers: object } = 500
    const { url, arrivals } = await webhook(() => answer)
    await kit.api.setWebhook(url)
    await kit.say('x')
    await until(() => arrivals.length === 2)
    for (const [wait, before] of [
      [2000, 2],
      [4000, 3],
      [8000, 4],
    ] as const) {
      await failures(kit, before)
      await kit.control('PUT', '/clock', { advance_ms: wait / 4 })
      expect(arrivals).toHaveLength(before)
      if (wait === 8000) answer = { status: 503, headers: { 'Retry-After': '100' } }
      await kit.control('PUT', '/clock', { advance_ms: (wait * 3) / 4 })
      await until(() => arrivals.length === before + 1)
    }
    await failures(kit, 5)
    answer = 200
    await kit.control('PUT', '/clock', { advance_ms: 80_000 })
    expect(arrivals).toHaveLength(5)
    await kit.control('PUT', '/clock', { advance_ms: 20_000 })
    await until(() => arrivals.length === 6)
    await until(async () => (await kit.api.getWebhookInfo()).pending_update_count === 0)
  })

  test('an undelivered press is dropped after 150 s, a message after 24 hours', async () => {
    const kit = await telegramFor()
    const message_id = (await kit.api.sendMessage(ANNA, 'x')).message_id
    const press = kit.control('POST', `/chats/shop_bot/${ANNA}/callbacks`, { message_id, data: '1' })
    await until(async () => (await kit.api.getWebhookInfo()).pending_update_count === 1)
    await kit.say('text')
    await kit.control('PUT', '/clock', { advance_ms: 151_000 })
    expect(await press).toMatchObject({ answered: false })
    expect(await kit.api.getUpdates()).toMatchObject([{ message: { text: 'text' } }])
    await kit.control('PUT', '/clock', { advance_ms: 24 * 3600_000 })
    expect(await kit.api.getUpdates()).toEqual([])
  })

  test('a method in the answer is executed, except those that get or set webhooks', async () => {
    const kit = await telegramFor()
    const { url } = await webhook((update) =>
      update.message?.text === 'bye'
        ? { body: { method: 'deleteWebhook' } }
        : { body: { method: 'sendMessage', chat_id: ANNA, text: 'from the answer' } },
    )
    await kit.api.setWebhook(url)
    await kit.say('hi')
    await until(async () => (await kit.chat()).some((message) => message.text === 'from the answer'))
    expect(await kit.control('GET', '/requests?method=sendMessage')).toMatchObject([{ via: 'webhook reply' }])
    await kit.say('bye')
    await until(async () => (await kit.api.getWebhookInfo()).pending_update_count === 0)
    expect((await kit.api.getWebhookInfo()).url).toBe(url)
  })

  test('setWebhook twice within a second is 429, and the same webhook again changes nothing', async () => {
    const kit = await telegramFor({ still: true })
    const { url } = await webhook(() => 500)
    await kit.api.setWebhook(url)
    expect(await refusal(kit.api.setWebhook(url))).toMatchObject({
      code: 429,
      parameters: { retry_after: 1 },
    })
    await kit.say('x')
    await failures(kit, 2)
    await kit.control('PUT', '/clock', { advance_ms: 1000 })
    await kit.api.setWebhook(url)
    expect(await kit.control('GET', '/updates?bot=shop_bot')).toMatchObject([{ failures: 2 }])
  })

  test('23 hours of 410 remove the webhook', async () => {
    const kit = await telegramFor()
    const { url } = await webhook(() => 410)
    await kit.api.setWebhook(url)
    await kit.say('x')
    await failures(kit, 2)
    await kit.control('PUT', '/clock', { advance_ms: 23 * 3600_000 + 1000 })
    await until(async () => (await kit.api.getWebhookInfo()).url === '')
    expect(await kit.api.getUpdates()).toHaveLength(1)
  })

  test('secrets and urls are checked', async () => {
    const { api } = await telegramFor({ settings: { insecureWebhooks: false, setWebhookMs: 0 } })
    const at = 'https://shop.example/hook'
    await expectRefusal(
      api.setWebhook(at, { secret_token: 'a'.repeat(257) }),
      400,
      'Bad Request: secret token is too long',
    )
    await expectRefusal(
      api.setWebhook(at, { secret_token: 'с пробелом' }),
      400,
      'Bad Request: secret token contains unallowed characters',
    )
    await expectRefusal(
      api.setWebhook('http://shop.example/hook'),
      400,
      'Bad Request: bad webhook: An HTTPS URL must be provided for webhook',
    )
    await expectRefusal(
      api.setWebhook('https://shop.example:9999/hook'),
      400,
      'Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443',
    )
    expect((await refusal(api.setWebhook('http://127.0.0.1:80/'))).code).toBe(400)
    const unknown = await refusal(api.setWebhook('https://shop.invalid/hook'))
    expect(unknown.text).toContain('Bad Request: bad webhook: Failed to resolve host: ')
    const here = { ip_address: '203.0.113.7' }
    await expectRefusal(
      api.setWebhook(at, { ...here, certificate: new InputFile(Buffer.from('none')) }),
      400,
      'Bad Request: bad webhook: Failed to set custom certificate file',
    )
    await expectRefusal(
      api.setWebhook(at, { ip_address: '10.0.0.1' }),
      400,
      'Bad Request: bad webhook: IP address 10.0.0.1 is reserved',
    )
    await api.setWebhook(at, { ...here, max_connections: 500, allowed_updates: ['message'] })
    expect(await api.getWebhookInfo()).toMatchObject({
      url: at,
      max_connections: 100,
      allowed_updates: ['message'],
      ...here,
    })
  })

  test.skipIf(!onPath('openssl'))(
    'a server with a certificate of its own is known by that certificate, and by no other',
    async () => {
      const kit = await telegramFor({ settings: { setWebhookMs: 0, retryBaseMs: 20 } })
      const { key, cert } = ownCertificate()
      let heard = 0
      const server = createServer({ key, cert }, (request, response) => {
        heard++
        request.resume()
        response.end()
      })
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => void server.close())
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
      await kit.api.setWebhook(url)
      await kit.say('x')
      await until(async () => (await kit.api.getWebhookInfo()).last_error_message?.includes('self-signed'))
      await kit.api.setWebhook(url, { certificate: new InputFile(Buffer.from(cert)) })
      await until(() => heard === 1)
      expect(await kit.api.getWebhookInfo()).toMatchObject({ has_custom_certificate: true })
    },
  )

  test('a setWebhook that is refused leaves the bot without any webhook, and drops what it was told to drop', async () => {
    const kit = await telegramFor({ settings: { setWebhookMs: 0 } })
    const { url } = await webhook(() => 500)
    await kit.api.setWebhook(url)
    await kit.say('x')
    await failures(kit, 1)
    await expectRefusal(
      kit.api.setWebhook(url, { secret_token: 'not allowed', drop_pending_updates: true }),
      400,
      'Bad Request: secret token contains unallowed characters',
    )
    expect(await kit.api.getWebhookInfo()).toMatchObject({ url: '', pending_update_count: 0 })
  })
})

function ownCertificate() {
  const made = execFileSync(
    'openssl',
    [
      ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost'.split(
        ' ',
      ),
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      ...'-keyout - -out -'.split(' '),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const [key = '', cert = ''] = made.split(/(?=-----BEGIN CERTIFICATE)/)
  return { key, cert }
}

/** Waits until the simulator has noted the n-th failure of the only update. */
const failures = (kit: Kit, n: number) =>
  until(async () => {
    const [update] = await kit.control<{ failures: number }[]>('GET', '/updates?bot=shop_bot')
    return update?.failures === n
  })

describe('faults of updates', () => {
  const fault = (kit: Kit, rule: object) => kit.control('POST', '/faults', { on: 'update', ...rule })

  test('an update can come twice, late, swapped or never', async () => {
    const kit = await telegramFor({ still: true })
    const { url, arrivals } = await webhook(() => 200)
    await kit.api.setWebhook(url)
    await fault(kit, { kind: 'message', do: { duplicate: 1 } })
    await kit.say('double')
    await until(() => arrivals.length === 2)
    expect(arrivals[0]!.update.update_id).toBe(arrivals[1]!.update.update_id)
    await fault(kit, { do: { lose: true } })
    await kit.say('lost')
    await fault(kit, { do: { swap: true } })
    await kit.say('second')
    await kit.say('first')
    await until(() => arrivals.length === 4)
    expect(texts(arrivals).slice(2)).toEqual(['first', 'second'])
    await fault(kit, { do: { delay_ms: 5000 } })
    await kit.say('late')
    expect(arrivals).toHaveLength(4)
    await kit.control('PUT', '/clock', { advance_ms: 5000 })
    await until(() => texts(arrivals).at(-1) === 'late')
  })

  test('a lost successful_payment shows only in the ledger, a delivered update can be repeated', async () => {
    const kit = await telegramFor()
    const { url, arrivals } = await webhook((update) =>
      update.pre_checkout_query
        ? {
            body: {
              method: 'answerPreCheckoutQuery',
              pre_checkout_query_id: update.pre_checkout_query.id,
              ok: true,
            },
          }
        : 200,
    )
    await kit.api.setWebhook(url)
    await fault(kit, { kind: 'successful_payment', do: { lose: true } })
    const { message_id } = await kit.api.sendInvoice(ANNA, 'T', 'D', 'p', 'XTR', [{ label: 'l', amount: 5 }])
    const paid = await kit.control('POST', `/chats/shop_bot/${ANNA}/payments`, { message_id })
    expect(paid).toMatchObject({ outcome: 'paid' })
    expect((await kit.api.getStarTransactions()).transactions).toHaveLength(1)
    expect(arrivals.filter(({ update }) => update.message?.successful_payment)).toEqual([])
    const { update_id } = arrivals[0]!.update
    await kit.control('POST', '/updates', { bot: 'shop_bot', repeat: update_id })
    await until(() => arrivals.length === 2)
    expect(arrivals[1]!.update).toEqual(arrivals[0]!.update)
    await kit.control('POST', '/updates', {
      bot: 'shop_bot',
      update: { message: { chat: { id: 1 }, odd: true } },
    })
    await until(() => arrivals.length === 3)
    expect(arrivals[2]!.update).toMatchObject({ message: { odd: true } })
  })

  test('duplicates reach a poller too', async () => {
    const kit = await telegramFor()
    const bot = new Bot(TOKEN, { client: { apiRoot: kit.url } })
    const seen: number[] = []
    bot.on('message', (context) => void seen.push(context.update.update_id))
    void bot.start()
    onTestFinished(() => bot.stop())
    await kit.say('x')
    await until(() => seen.length === 1)
    await kit.control('POST', '/updates', { bot: 'shop_bot', repeat: seen[0] })
    await until(() => seen.length === 2)
    expect(seen[1]).toBe(seen[0])
  })
})
