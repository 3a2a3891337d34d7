import { createServer } from 'node:http'
import { readdir, readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dump } from '../../bin/lib/dump.ts'
import { repository } from '../lib/compose.ts'
import { startNode } from '../lib/processes.ts'
import { webhookSecrets } from '#shared/telegram/webhook-secret.ts'
import { beginTopUp } from '#shop/payments/top-up.ts'
import { newId } from '#shared/ids.ts'
import { paymentProviders } from '#shop/payments/providers/registry.ts'
import { storyOf } from '#shop/admin/story/story.ts'
import { sign } from '#shop/payments/providers/cryptomus-engine/signature.ts'
import { GOODS, PAGES, allOfRedis, stockTheShelf, useThePages } from '../lib/planted.ts'
import { OWNER, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'

/**
 * One secret for each way in. A typed secret has the form of what it stands for; a configured one is given to the
 * vendors.
 */
const PHRASE = Array.from({ length: 24 }, (_, at) => `zebra${'qwxvkjhg'[at % 8]}${'mnbv'[at % 4]}`).join(' ')
const TYPED = {
  'a token that was asked for': '8100000001:AAplantedplantedplantedplantedplant1',
  'a token below a picture': '8100000002:AAplantedplantedplantedplantedplant2',
  'a token with words around it': '8100000003:AAplantedplantedplantedplantedplant3',
  'a token in an edited message': '8100000004:AAplantedplantedplantedplantedplant4',
  'a token as a file’s name': '8100000005:AAplantedplantedplantedplantedplant5',
  'a JWT, unasked': 'eyJplantedplantedplanted.eyJplantedplanted.plantedsignature',
  'the reseller’s key': 'planted-reseller-key-typed-by-an-owner',
  'the reseller’s phone number': '+79990001122',
  'the reseller’s words': PHRASE,
}
const SET = {
  FRAGMENT_API_KEY: 'planted-fragment-key-of-the-settings',
  FRAGMENT_PHONE_NUMBER: '+79990003344',
  FRAGMENT_MNEMONICS: 'planted words of the settings that a wallet could have',
  HELEKET_API_KEY: 'planted-heleket-key-of-the-settings',
  HELEKET_PAYOUT_KEY: 'planted-heleket-payout-of-the-settings',
  MULENPAY_API_KEY: 'planted-mulenpay-key-of-the-settings',
  MULENPAY_SECRET_KEY: 'planted-mulenpay-secret-of-the-settings',
  MULENPAY_WEBHOOK_SECRET: 'planted-mulenpay-path-of-the-settings',
  CRYPTO_BOT_TOKEN: '99:planted-cryptopay-token-of-the-settings',
  OPS_PASSWORD: 'planted-board-password-of-the-settings',
  BACKUP_KEY: Buffer.from('planted-backup-key-of-settings-1').toString('base64'),
  ENCRYPTION_KEY: Buffer.from('planted-secret-key-of-settings-2').toString('base64'),
}
const PLANTED: Record<string, string> = { ...TYPED, ...SET, ...GOODS, ...PAGES }
/** The texts in which a secret is meant for its reader. */
const MEANT: Record<string, string[]> = {
  'messages of the bot': ['a code that was bought', 'the link to the panel'],
}
const ANNA = 100

let shop: AdminShop
let vendor: { url: string; heard: () => number; close: () => void }
const lines: string[] = []
beforeAll(async () => {
  if (!redisAvailable()) return
  vendor = await quotingVendor()
  shop = await openAdminShop({
    workers: ['bot', 'billing', 'fragment', 'upkeep'],
    logTo: { write: (line) => void lines.push(line) },
    env: {
      ...SET,
      FRAGMENT_API_URL: vendor.url,
      HELEKET_API_URL: vendor.url,
      HELEKET_MERCHANT_ID: 'm',
      MULENPAY_API_URL: vendor.url,
      MULENPAY_SHOP_ID: '7',
      CRYPTO_BOT_API_URL: vendor.url,
      OPS_USER: 'ops',
      PUBLIC_URL: 'https://shop.example',
    },
  })
})
afterAll(async () => {
  await shop?.close()
  vendor?.close()
})

/**
 * A vendor that refuses every request and quotes all of it: address, headers and body; plain, cut off and in
 * base64.
 */
async function quotingVendor() {
  let heard = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      heard++
      const asked = [request.url, JSON.stringify(request.headers), Buffer.concat(chunks).toString()].join(' ')
      const based = Buffer.from(asked).toString('base64')
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({ state: 1, message: asked, error: { name: asked }, errors: { all: based } }),
      )
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    heard: () => heard,
    close: () => server.closeAllConnections() ?? server.close(),
  }
}

/** What passes through Redis for this shop, also what is gone from there when the test looks. */
async function listenToRedis() {
  const { hostname, port, password } = new URL(shop.env['REDIS_URL']!)
  const socket = connect(Number(port), hostname).setEncoding('utf8')
  const passed: string[] = []
  let rest = ''
  socket.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\r\n')
    rest = parts.pop()!
    passed.push(...parts.filter((one) => one.includes(shop.config.queuePrefix)))
  })
  if (password) socket.write(`AUTH ${password}\r\n`)
  socket.write('MONITOR\r\n')
  await eventually(() => passed.length > 0, { what: 'Redis tells what it is told' })
  return { heard: () => passed.join('\n'), stop: () => socket.destroy() }
}

let updateId = 900_000
/** Sends what Telegram would send, in forms for which its simulator has no key. */
async function update(content: object) {
  const secret = webhookSecrets(shop.config, shop.config.bots[0]!)[0]
  const answer = await fetch(`${shop.gatewayUrl}/telegram/main`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret },
    body: JSON.stringify({ update_id: updateId++, ...content }),
  })
  expect(answer.status).toBe(200)
}
const from = { id: ANNA, is_bot: false, first_name: 'Anna', language_code: 'en' }
const message = (more: object) => ({
  message_id: 5_000 + updateId,
  date: Math.floor(Date.now() / 1000),
  chat: { id: ANNA, type: 'private', first_name: 'Anna' },
  from,
  ...more,
})

async function allOfPostgres(): Promise<string> {
  const tables = await shop.db.rows(
    q<{ name: string }>`select tablename as name from pg_tables where schemaname = 'public'`,
  )
  const parts = await Promise.all(
    tables.map(async ({ name }) =>
      JSON.stringify(await shop.db.rows(q<{ row: string }>`select t::text as row from ${q.table(name)} t`)),
    ),
  )
  return parts.join('\n')
}

test.skipIf(!redisAvailable())(
  'F86 F87 whatever secret comes in, by whatever way and in whatever form, lies nowhere in clear afterwards',
  async () => {
    const { db } = shop
    const redis = await listenToRedis()
    await shop.person(ANNA, 'Anna')
    for (const id of [OWNER, ANNA]) await shop.say(id, '/start')
    for (const id of [OWNER, ANNA]) await shop.sees(id, 'Balance')

    // Secrets that are typed, asked for and unasked, in every form that a message has.
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, /Bots/)
    await shop.press(OWNER, 'Add a bot')
    await shop.sees(OWNER, 'Send the token of the new bot')
    await shop.say(OWNER, `here it is: ${TYPED['a token that was asked for']} !`)
    await shop.say(ANNA, `my token ${TYPED['a token with words around it']} does not work`)
    await shop.say(ANNA, TYPED['a JWT, unasked'])
    await update({
      message: message({
        photo: [{ file_id: 'p', file_unique_id: 'p', width: 9, height: 9 }],
        caption: TYPED['a token below a picture'],
      }),
    })
    await update({
      edited_message: message({ text: `oh: ${TYPED['a token in an edited message']}`, edit_date: 1 }),
    })
    await update({
      message: message({
        document: {
          file_id: 'd',
          file_unique_id: 'd',
          file_name: `${TYPED['a token as a file’s name']}.txt`,
        },
      }),
    })
    const asks: [string, string][] = [
      ['API key', TYPED['the reseller’s key']],
      ['phone', TYPED['the reseller’s phone number']],
      ['words', TYPED['the reseller’s words']],
    ]
    for (const [at, [, value]] of asks.entries()) {
      await shop.say(OWNER, '/fragment')
      await shop.press(OWNER, 'Credentials')
      await shop.sees(OWNER, 'Credentials for the supplier')
      // The question is seen, and answered, before Telegram has told the shop that it was shown.
      await shop.control('POST', '/faults', {
        on: 'call',
        method: ['editMessageText', 'sendMessage'],
        chat: OWNER,
        do: { delay_ms: 1_000 },
      })
      const field = ['apiKey', 'phoneNumber', 'mnemonics'][at]!
      await Promise.all([
        pressNth(OWNER, /^Change:/, at),
        shop.sees(OWNER, /delete|encrypted/i).then(() => shop.say(OWNER, value)),
      ])
      await eventually(async () =>
        (await shop.audits('fragment.credentials')).some((one) => one.target === field),
      )
    }

    Object.assign(PLANTED, await stockTheShelf(shop, ANNA), await useThePages(shop, ANNA))

    // Vendors refuse and quote, and what they tell at the shop's doors quotes as well.
    const providers = paymentProviders(shop.config.payments)
    const ids: string[] = []
    for (const name of ['heleket', 'mulenpay', 'cryptopay']) {
      const id = newId()
      ids.push(id)
      await db.tx((tx) =>
        beginTopUp(tx, providers.get(name)!, {
          id,
          personId: BigInt(ANNA),
          bot: 'main',
          pay: { asset: 'RUB', amount: 100_000n },
          description: 'top-up',
          language: 'en',
        }),
      )
    }
    await eventually(async () => vendor.heard() >= 3)
    const asked = vendor.heard()
    const quoted = Object.values(SET).join(' ')
    const event = {
      id: 1,
      amount: '1.00',
      currency: 'RUB',
      uuid: quoted,
      payment_status: 'success',
      note: quoted,
    }
    await fetch(`${shop.gatewayUrl}/webhooks/mulenpay/${SET.MULENPAY_WEBHOOK_SECRET}`, {
      method: 'POST',
      body: JSON.stringify(event),
    })
    const body = JSON.stringify({
      uuid: quoted,
      order_id: quoted,
      amount: '5.00',
      currency: 'RUB',
      status: 'paid',
      txid: quoted,
    })
    await fetch(`${shop.gatewayUrl}/webhooks/heleket`, {
      method: 'POST',
      body: `${body.slice(0, -1)},"sign":"${sign(body, SET.HELEKET_API_KEY)}"}`,
    })
    // The vendor is asked about every event and refuses that, too, so the job waits with its body for the next
    // try.
    await eventually(() => Promise.resolve(vendor.heard() > asked + 1))

    // All places in which a part of a secret may lie.
    const folder = await mkdtemp(join(tmpdir(), 'telekassa-planted-'))
    const clear = join(folder, 'clear')
    const sealed = join(folder, 'sealed')
    await dump(shop.env['DATABASE_URL']!, clear)
    await dump(shop.env['DATABASE_URL']!, sealed, SET.BACKUP_KEY)
    const read = async (of: string) =>
      Buffer.concat(await Promise.all((await readdir(of)).map((one) => readFile(join(of, one))))).toString(
        'latin1',
      )
    const doctor = startNode(`${repository}/bin/doctor.ts`, ['--json'], { env: shop.env })
    await doctor.ended
    const basic = `Basic ${Buffer.from(`ops:${SET.OPS_PASSWORD}`).toString('base64')}`
    const board = async (queue: string) =>
      (
        await fetch(`${shop.gatewayUrl}/ops/queues/api/queues?activeQueue=${queue}&jobsPerPage=100`, {
          headers: { authorization: basic },
        })
      ).text()
    const queues = [...shop.producer.queues.values()].flat().map(({ name }) => name)
    const stories = await Promise.all([...ids, String(ANNA), String(OWNER)].map((id) => storyOf(db, id)))
    const sinks: Record<string, string> = {
      'log lines at trace': lines.join(''),
      'keys of Redis': await allOfRedis(shop.backend.redis!),
      'what passed through Redis': redis.heard(),
      'tables of PostgreSQL': await allOfPostgres(),
      'a backup in clear': await read(clear),
      'an encrypted backup': await read(sealed),
      stories: JSON.stringify(stories, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
      'the doctor': doctor.lines.join('\n'),
      metrics: await (await fetch(`${shop.gatewayUrl}/metrics`)).text(),
      'the board': (await Promise.all(queues.slice(0, 12).map(board))).join(''),
      'messages of the bot': JSON.stringify(
        (await Promise.all([OWNER, ANNA].map((id) => shop.messages(id))))
          .flat()
          .filter((one) => one.from === 'bot'),
      ),
    }
    redis.stop()
    await rm(folder, { recursive: true })
    const forms = (value: string) => [
      value,
      encodeURIComponent(value),
      Buffer.from(value).toString('base64').replace(/=+$/, ''),
      ...(value === PHRASE ? value.split(' ') : []),
    ]
    const found: string[] = []
    let looks = 0
    for (const [sink, text] of Object.entries(sinks)) {
      expect(text.length, sink).toBeGreaterThan(20)
      for (const [name, value] of Object.entries(PLANTED)) {
        for (const form of new Set(forms(value))) {
          looks++
          if (text.includes(form) && !MEANT[sink]?.includes(name)) found.push(`${name} in ${sink}`)
        }
      }
    }
    const sizes = Object.entries(sinks).map(([sink, text]) => `${sink} ${text.length}`)
    console.log(
      `planted ${Object.keys(PLANTED).length} secrets, looked ${looks} times in ${sizes.join(', ')}: found ${found.length}`,
    )
    expect([...new Set(found)]).toEqual([])
  },
)

/**
 * Presses the key at this place among several keys with the same words, in the latest message that has such keys: an
 * alert to the admins, with a key of its own, may have come below that message.
 */
async function pressNth(id: number, text: RegExp, at: number) {
  await eventually(async () => {
    for (const shown of (await shop.messages(id)).toReversed()) {
      const found = shown.inline_keyboard?.flat().filter((one) => text.test(one.text))[at]
      if (shown.from !== 'bot' || !found?.callback_data) continue
      await shop.pressData(id, shown.message_id, found.callback_data)
      return true
    }
    return false
  })
}
