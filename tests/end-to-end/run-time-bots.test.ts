import { join } from 'node:path'
import { Redis } from 'ioredis'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTelegram } from '@telekassa/telegram-sandbox'
import type { Telegram } from '@telekassa/telegram-sandbox'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { prove } from '#shared/money/proof.ts'
import { readBalance } from '#shared/money/read.ts'
import { webhookSecrets } from '#shared/telegram/webhook-secret.ts'
import { createDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { openPhone, type Phone, plain, visit } from '../lib/phone.ts'
import { reservePort } from '../lib/port.ts'
import { startNode } from '../lib/processes.ts'
import type { TestProcess } from '../lib/processes.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const KEY = Buffer.alloc(32, 5).toString('base64')
const BIN = join(import.meta.dirname, '../../bin')
const MAIN = `7100000001:${'M'.repeat(35)}`
const ADDED = `7100000002:${'planted_secret_of_the_added_bot_'.padEnd(35, 'x')}`
const RENEWED = `7100000002:${'planted_secret_after_revocation'.padEnd(35, 'y')}`
const OWNER = 900
const BUYER = 5_000_000_001

/** One deployment: two gateways and two bot workers in processes of their own, with webhooks. */
describe.skipIf(!redisAvailable())('bots that the owner adds while everything runs', () => {
  let database: TestDatabase
  let db: Db
  let telegram: Telegram
  let owner: Phone
  let queueUrl: string
  let processes: TestProcess[] = []
  const gateways: string[] = []

  beforeAll(async () => {
    database = await createDatabase()
    db = await openDb(database.url, { max: 4, name: 'test' })
    telegram = await startTelegram({
      bots: [{ token: MAIN, username: 'main_bot', name: 'Main' }],
      settings: { chatPerSecond: 0, globalPerSecond: 0, setWebhookMs: 0, retryBaseMs: 100 },
    })
    queueUrl = await redisUrl()
    const env = {
      BOTS: JSON.stringify([{ name: 'main', token: MAIN, admins: [String(OWNER)] }]),
      DATABASE_URL: database.url,
      REDIS_URL: queueUrl,
      ENCRYPTION_KEY: KEY,
      TELEGRAM_API_ROOT: telegram.url,
      BOT_MODE: 'webhook',
      ALLOW_HTTP_WEBHOOK: 'true',
      STARS_PACKS: '10',
      LOG_LEVEL: 'debug',
    }
    for (let number = 0; number < 2; number++) {
      const port = String(await reservePort())
      gateways.push(`http://127.0.0.1:${port}`)
      processes.push(startNode(join(BIN, 'gateway.ts'), [], { env: { ...env, PORT: port } }))
    }
    processes.push(startNode(join(BIN, 'worker.ts'), ['bot', 'billing', 'upkeep'], { env }))
    processes.push(startNode(join(BIN, 'worker.ts'), ['bot'], { env }))
    await Promise.all(processes.map((one) => one.waitFor(/gateway is ready|workers are ready/)))
    await Promise.all(processes.slice(0, 2).map((one) => one.waitFor(/bot is connected/)))
    owner = await visit(telegram.url, 'main_bot', { id: OWNER, first_name: 'Владелец' })
    await owner.hears(/Магазин/)
  })
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.kill('SIGTERM')))
    await telegram.close()
    const proof = await prove(db)
    await db.close()
    await database.drop()
    expect(proof.ok).toBe(true)
  })

  const newToken = (token: string) =>
    fetch(`${telegram.url}/control/bots`, {
      method: 'POST',
      body: JSON.stringify({ token, username: 'Art_Shop_bot', name: 'Art' }),
    })
  /**
   * The list is opened from the panel's newest message, because Telegram may deliver a press on an older one
   * before the command.
   */
  const openBots = async () => {
    const last = (await owner.messages()).at(-1)!.message_id
    await owner.say('/admin')
    await eventually(
      async () =>
        (await owner.messages()).some(
          (one) =>
            one.message_id > last && one.inline_keyboard?.flat().some(({ text }) => text.endsWith('Боты')),
        ),
      { what: 'a new panel' },
    )
    await owner.press(/Боты$/)
  }
  const knock = (gateway: string, token: string, updateId: number) =>
    fetch(`${gateway}/telegram/art_shop_bot`, {
      method: 'POST',
      headers: {
        'x-telegram-bot-api-secret-token': webhookSecrets({ encryptionKey: KEY, telegram: {} }, { token })[0],
      },
      body: JSON.stringify({ update_id: updateId, brand_new_kind: {} }),
    })
  const tokens = async () => (await readBalance(db, BigInt(BUYER), 'TOK')).available

  test('a pasted token becomes a bot that answers through both gateways, and the token is nowhere in clear', async () => {
    await newToken(ADDED)
    await openBots()
    await owner.press(/Добавить бота/)
    await owner.hears(/Пришлите токен нового бота/)
    await owner.say('not a token')
    await owner.hears(/Это не похоже на токен/)
    await owner.say(`7100000009:${'unknown_to_telegram'.padEnd(35, 'z')}`)
    await owner.hears(/Telegram не знает такого токена/)
    await owner.say(ADDED)
    await owner.hears(/art_shop_bot.*@Art_Shop_bot.*работает/)
    const seen = await owner.messages()
    expect(seen.filter((one) => one.text?.includes('planted_secret'))).toEqual([])
    await owner.hears(new RegExp(`токен …${ADDED.slice(-4)}`))

    await Promise.all(processes.slice(0, 2).map((one) => one.waitFor(/art_shop_bot.*bot is connected/)))
    for (const [number, gateway] of gateways.entries()) {
      expect((await knock(gateway, ADDED, 10 + number)).status).toBe(200)
      expect((await knock(gateway, MAIN, 20 + number)).status).toBe(401)
    }
    const buyer = await visit(telegram.url, 'art_shop_bot', { id: BUYER, first_name: 'Боб' })
    await buyer.hears(/Магазин/)
    const boss = await visit(telegram.url, 'art_shop_bot', { id: OWNER, first_name: 'Владелец' })
    await boss.say('/admin')
    await boss.hears(/art_shop_bot/)

    const audited = await db.rows(
      q`select action, target, actor_id as actor from audit_log where action like 'bot.%'`,
    )
    expect(audited).toEqual([{ action: 'bot.added', target: 'art_shop_bot', actor: BigInt(OWNER) }])
    const [kept] = await db.rows(q<{ all: string }>`
      select string_agg(t::text, '') as all from (
        select to_jsonb(b) as t from bots b union all select to_jsonb(o) from outbox o
        union all select to_jsonb(a) from audit_log a union all select to_jsonb(s) from bot_sessions s) x`)
    expect(kept!.all).not.toContain('planted_secret')
    expect(await jobsInClear()).not.toContain('planted_secret')
    for (const one of processes) expect(one.lines.join('\n')).not.toContain('planted_secret')
  })

  test('a bot is not added twice, nor one that the settings have already', async () => {
    for (const token of [ADDED, MAIN]) {
      await openBots()
      await owner.press(/Добавить бота/)
      await owner.say(token)
      await owner.hears(/Этот бот уже есть/)
    }
    expect(await db.rows(q`select name from bots order by name`)).toHaveLength(2)
  })

  test('a paused bot says so and takes no new payment, and what Telegram has taken already is credited', async () => {
    const buyer = await visit(telegram.url, 'art_shop_bot', { id: BUYER, first_name: 'Боб' })
    const phone = openPhone(`${telegram.url}/control`, 'art_shop_bot', BUYER)
    await buyer.say('/buy')
    await buyer.press(/10 токенов/)
    await buyer.hears(/Номер/)
    const late = await visit(telegram.url, 'art_shop_bot', { id: BUYER + 1, first_name: 'Вера' })
    await late.say('/buy')
    await late.press(/10 токенов/)
    await late.hears(/Номер/)
    await phone.control('POST', '/faults', {
      on: 'update',
      kind: 'successful_payment',
      bot: 'art_shop_bot',
      do: { delay_ms: 1_500 },
    })
    expect(await phone.payWith(/Оплатить/)).toMatchObject({ outcome: 'paid' })
    await openBots()
    await owner.press(/Пауза: art_shop_bot/)
    await owner.press(/^Да, /)
    await owner.hears(/art_shop_bot.*на паузе/)
    await buyer.say('/balance')
    await buyer.hears(/Бот на паузе/)
    await eventually(async () => (await tokens()) === 10n)
    const refused = await openPhone(`${telegram.url}/control`, 'art_shop_bot', BUYER + 1).payWith(/Оплатить/)
    expect(refused).toMatchObject({ outcome: 'refused', error_message: expect.stringMatching(/не списаны/) })

    await openBots()
    await owner.press(/Включить: art_shop_bot/)
    await buyer.say('/balance')
    await buyer.hears(/Ваш баланс\n10 токенов/)
  })

  test('a bot whose token is revoked while it works is parked, admins learn it in another bot, and a new token brings it back (F50)', async () => {
    const phone = openPhone(`${telegram.url}/control`, 'art_shop_bot', BUYER)
    await phone.control('POST', '/faults', {
      on: 'call',
      bot: 'art_shop_bot',
      times: 1,
      do: { revoke: true },
    })
    const sent = async () => {
      const path = '/requests?method=sendMessage&bot=Art_Shop_bot&limit=10000'
      const calls = await phone.control<{ ok: boolean; params: { chat_id: number; text: string } }[]>(
        'GET',
        path,
      )
      return calls
        .filter(({ ok, params }) => ok && Number(params.chat_id) === BUYER)
        .map(({ params }) => params.text)
    }
    const before = (await sent()).length
    const buyer = await visit(telegram.url, 'art_shop_bot', { id: BUYER, first_name: 'Боб' })
    await buyer.say('/pricing')
    await owner.hears(/Бот art_shop_bot остановлен/)
    const [row] = await db.rows(q`select state, state_reason as reason from bots where name = 'art_shop_bot'`)
    expect(row).toEqual({ state: 'parked', reason: 'Telegram refused the token (401)' })
    // People whose chats wait in the same partition are not held up: the other bot answers everybody.
    const others = await Promise.all(
      Array.from({ length: 64 }, (_, index) =>
        visit(telegram.url, 'main_bot', { id: 6_000 + index, first_name: 'О' }),
      ),
    )
    await Promise.all(others.map((one) => one.hears(/Магазин/)))

    await owner.press(/Боты$/)
    await owner.hears(/Telegram не принимает токен/)
    await owner.press(/Проверить ещё раз/)
    await owner.press(/Новый токен/)
    await owner.hears(/Пришлите новый токен/)
    await owner.say(MAIN)
    await owner.hears(/Это токен другого бота/)
    await newToken(RENEWED)
    await owner.say(RENEWED)
    await owner.hears(/art_shop_bot.*работает/)
    await buyer.say('/balance')
    // What the parked bot was asked is answered too, in its order, so of two screens the later one stays.
    const answered = async (words: RegExp) =>
      (await sent()).slice(before).findIndex((text) => words.test(plain(text)))
    for (const words of [/Ваш баланс/, /Магазин/, /Цены/])
      await eventually(async () => (await answered(words)) >= 0, { what: `the answer ${words}` })
    expect(await answered(/Цены/)).toBeGreaterThan(await answered(/Магазин/))
    const alerts = await db.rows(q`select key from alerts where topic = 'alert-bot-parked'`)
    expect(alerts).toHaveLength(1)
    await eventually(async () => (await knock(gateways[0]!, RENEWED, 90)).status === 200)
    await eventually(async () => (await knock(gateways[1]!, ADDED, 91)).status === 401)
  })

  test('a removed bot says nothing more, its last payment is credited, its token is forgotten, and it may come back', async () => {
    const buyer = await visit(telegram.url, 'art_shop_bot', { id: BUYER, first_name: 'Боб' })
    const phone = openPhone(`${telegram.url}/control`, 'art_shop_bot', BUYER)
    await buyer.say('/buy')
    await buyer.press(/10 токенов/)
    await buyer.hears(/Номер/)
    // The update about this payment never reaches the shop; only Telegram's own list has the payment.
    const lost = { on: 'update', kind: 'successful_payment', bot: 'art_shop_bot', do: { lose: true } }
    await phone.control('POST', '/faults', lost)
    expect(await phone.payWith(/Оплатить/)).toMatchObject({ outcome: 'paid' })

    await openBots()
    await owner.press(/⚙ main/)
    await owner.hears(/убрать его можно только там/)
    await openBots()
    await owner.press(/⚙ art_shop_bot/)
    await owner.press(/Удалить бота/)
    await owner.hears(/Удалить бота art_shop_bot \(@Art_Shop_bot\)/)
    await owner.press(/Да, удалить art_shop_bot/)
    await Promise.all(processes.slice(0, 2).map((one) => one.waitFor(/art_shop_bot.*bot is disconnected/)))
    const bots = await phone.control<{ username: string; webhook: unknown }[]>('GET', '/bots')
    expect(bots.find((bot) => bot.username === 'Art_Shop_bot')!.webhook).toBe(null)

    // The last job of the removed bot is due in two minutes, and the test makes it due now.
    await db.rows(q`update outbox set state = 'owed', run_at = now() where job = 'upkeep.close-bot'`)
    await eventually(async () => (await tokens()) === 20n)
    const gone = () =>
      db.rows(q`select from bots where name = 'art_shop_bot' and state = 'removed' and token_end is null`)
    await eventually(
      async () => {
        await db.rows(
          q`update outbox set state = 'owed', run_at = now() where job = 'upkeep.close-bot' and state <> 'owed'`,
        )
        return (await gone()).length === 1
      },
      { everyMs: 500 },
    )
    for (const gateway of gateways)
      await eventually(async () => (await knock(gateway, RENEWED, 95)).status === 404)
    const dead = await db.rows(q`select key, reason from outbox where state = 'dead'`)
    expect(dead).toEqual([])

    await openBots()
    await owner.press(/Добавить бота/)
    await owner.say(RENEWED)
    await owner.hears(/art_shop_bot.*покупателей: 3/)
    await buyer.say('/balance')
    await buyer.hears(/Ваш баланс\n20 токенов/)
    const actions = await db.rows(q<{ action: string }>`
      select action from audit_log where action like 'bot.%' order by id`)
    expect(actions.map(({ action }) => action)).toEqual(
      ['added', 'paused', 'active', 'token', 'removed', 'added'].map((what) => `bot.${what}`),
    )
  })

  /** All that Redis keeps of the queues, finished jobs included. */
  async function jobsInClear(): Promise<string> {
    const redis = new Redis(queueUrl)
    try {
      const keys = await redis.keys('*')
      const texts = await Promise.all(
        keys.map(async (key) =>
          (await redis.type(key)) === 'hash' ? JSON.stringify(await redis.hgetall(key)) : '',
        ),
      )
      return texts.join('\n')
    } finally {
      redis.disconnect()
    }
  }
})
