import { isDeepStrictEqual } from 'node:util'
import { Api } from 'grammy'
import type { Update } from 'grammy/types'
import { sql as q } from 'kysely'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { createSecrets } from '#shared/secrets.ts'
import { isTooOld } from '#shared/telegram/too-old.ts'
import { pack, unpack } from '#shared/telegram/buttons.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { ADMIN, openShop, TOKENS } from '../lib/shop.ts'
import type { Shop } from '../lib/shop.ts'

const DAY_MS = 86_400_000
const HOUR_S = 3_600

/** The callback_data of a key that was made so many days ago. */
function made(
  secrets: ReturnType<typeof createSecrets>,
  days: number,
  person: bigint,
  ...route: [string, ...string[]]
) {
  const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() - days * DAY_MS)
  try {
    return pack(secrets, person, ...route)
  } finally {
    now.mockRestore()
  }
}

describe.skipIf(!redisAvailable())('what is old', () => {
  let shop: Shop
  beforeAll(async () => void (shop = await openShop()))

  test('F112 a key for admins does nothing after 30 days, one of the release before is read, and no day can be typed over', async () => {
    const secrets = createSecrets(shop.config.encryptionKey)
    const admin = await shop.person({ id: ADMIN })
    await admin.say('/menu')
    const { message_id } = await admin.hears(/./)
    const press = (data: string) => admin.tap(message_id, data)
    const old = made(secrets, 31, BigInt(ADMIN), 'a-bots')
    const young = made(secrets, 29, BigInt(ADMIN), 'a-bots')
    const plain = `a-bots~${secrets.sign('button', `${ADMIN} a-bots`, 6)}`
    const typed = `${old.slice(0, -8)}${pack(secrets, BigInt(ADMIN), 'a-bots').slice(-8, -6)}${old.slice(-6)}`
    expect(await press(old)).toMatchObject({
      show_alert: true,
      text: expect.stringContaining('out of date') as string,
    })
    expect(await press(typed)).toMatchObject({ show_alert: true })
    expect(await press(young)).not.toHaveProperty('show_alert', true)
    expect(await press(plain)).not.toHaveProperty('show_alert', true)
    expect(unpack(secrets, BigInt(ADMIN), old)).toEqual({ route: 'a-bots', args: [], days: 31 })
    // A key that does nothing any more is shown so; the others of its message go on working.
    const living = { text: 'Bots', callback_data: pack(secrets, BigInt(ADMIN), 'a-bots') }
    const api = new Api(TOKENS.main, { apiRoot: shop.telegram.url })
    const shown = await api.sendMessage(ADMIN, 'An alert of last month', {
      reply_markup: { inline_keyboard: [[{ text: 'Approve', callback_data: old }, living]] },
    })
    expect(await admin.tap(shown.message_id, old)).toMatchObject({ show_alert: true })
    await eventually(async () => {
      const now = (await admin.messages()).find((one) => one.message_id === shown.message_id)
      return isDeepStrictEqual(now?.inline_keyboard, [[{ text: 'Approve', disabled: {} }, living]])
    })
    // Keys of customers do not expire by their day: the draft behind a key says whether it still holds.
    expect(await press(made(secrets, 400, BigInt(ADMIN), 'balance'))).not.toHaveProperty('show_alert', true)
  })

  test('F113 an update of more than 48 hours is left alone, a younger one is handled, and once', async () => {
    const anna = await shop.person()
    const chat = { id: anna.id, type: 'private', first_name: 'A' }
    const from = { id: anna.id, is_bot: false, first_name: 'A', language_code: 'en' }
    const typed = (hours: number, text: string) => ({
      message: { message_id: 90, date: Math.floor(Date.now() / 1000) - hours * HOUR_S, chat, from, text },
    })
    const told = async () =>
      (await shop.calls('sendMessage')).filter(({ params }) =>
        String(params['text']).includes('Terms of sale'),
      ).length
    await anna.say('/menu')
    await anna.hears(/./)
    const { update_id: old } = await shop.inject(typed(49, '/terms'))
    const { update_id } = await shop.inject(typed(47, '/terms'))
    await anna.hears('Terms of sale')
    await shop.inject({ ...typed(47, '/terms'), update_id })
    // Updates of a chat are handled in order, so when this one is answered, the repeated one was handled.
    await anna.say('/terms')
    await eventually(async () => (await told()) === 2)
    expect(await shop.db.rows(q`select 1 from handled_updates where update_id = ${old}`)).toEqual([])
    const rows = await shop.db.rows(q`select 1 from handled_updates where update_id = ${update_id}`)
    expect(rows).toHaveLength(1)
  })
})

test('F113 the time of an update is its own, an edit’s or, for a press, that of the queue', () => {
  const now = Date.now()
  const hours = (count: number) => now - count * HOUR_S * 1000
  const at = (count: number) => Math.floor(hours(count) / 1000)
  const update = (more: object) => ({ update_id: 1, ...more }) as Update
  expect(isTooOld(update({ message: { date: at(49) } }), now)).toBe(true)
  expect(isTooOld(update({ message: { date: at(47) } }), now)).toBe(false)
  expect(isTooOld(update({ edited_message: { date: at(900), edit_date: at(1) } }), now)).toBe(false)
  expect(isTooOld(update({ callback_query: { message: { date: at(900) } } }), now)).toBe(false)
  expect(isTooOld(update({ callback_query: { message: { date: at(900) } } }), hours(49))).toBe(true)
  expect(isTooOld(update({ message: { date: 0 } }), now)).toBe(false)
  // A clock at Telegram that is ahead does not make an old job young.
  expect(isTooOld(update({ message: { date: at(-5) } }), hours(49))).toBe(true)
})
