import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { saleStops, stopSale } from '#shop/stars-premium/sale-stops.ts'
import { eventually } from '../lib/eventually.ts'
import { ADMIN, type Kit, openKit } from '../lib/stars-premium-kit.ts'
import { openPhone } from '../lib/phone.ts'
import { redisAvailable } from '../lib/requirements.ts'

const WORDS = Array.from({ length: 24 }, (_, index) => `secret${index}`).join(' ')

describe.skipIf(!redisAvailable())('an admin of Stars and Premium', () => {
  let kit: Kit
  let admin: ReturnType<typeof openPhone>
  beforeAll(async () => {
    kit = await openKit({ FRAGMENT_REVIEW_AFTER_MS: '1500' })
    await kit.control('PUT', '/settings', { chatPerSecond: 0 })
    await kit.control('POST', '/people', { id: Number(ADMIN), first_name: 'Admin', language_code: 'en' })
    await Promise.all([kit.gateway(), kit.worker('bot', 'fragment')])
    admin = openPhone(`${kit.telegram.url}/control`, 'shop_bot', Number(ADMIN))
    await admin.start()
    await admin.hears(/Shop/)
  })
  afterAll(() => kit.close())

  const price = 9_000n
  /**
   * Opens the panel as a new message, because keys of an older one must not be pressed instead. Alerts may come
   * after it.
   */
  async function home() {
    await kit.forgetFlood()
    const last = (await admin.messages()).at(-1)?.message_id ?? 0
    await admin.say('/fragment')
    await eventually(async () => (await panelAfter(last)) !== undefined, { what: 'a new panel' })
  }
  const panelAfter = async (last: number) =>
    (await admin.messages()).findLast(
      (one) => one.message_id > last && /Stars and Premium[\s\S]*👛/.test(one.text ?? ''),
    )
  async function inDoubt(username: string) {
    const person = await kit.person(price)
    const id = await kit.draft(person, [username])
    kit.simulator.state.faults.push(
      { on: 'order', username, what: { kind: 'drop-after' } },
      { on: 'order', username, what: { kind: 'callback', mode: 'never' } },
    )
    await kit.place(id, person)
    await kit.until(id, 'review')
    return { person, id }
  }
  const audited = (action: string) =>
    kit.db.rows(q<{ target: string; details: Record<string, unknown> }>`
      select target, details from audit_log where action = ${action} and actor_id = ${ADMIN} order by id`)

  test('sees wallet, sale and orders by state, and stops and resumes the sale', async () => {
    await kit.quietReading()
    await home()
    await admin.hears(/On sale[\s\S]*👛 .*TON/)
    await admin.press(/Stop the sale/)
    await admin.hears(/Before: on sale in every bot/)
    await admin.press(/Yes, stop selling/)
    await admin.hears(/stopped by an administrator/)
    expect(await saleStops(kit.db)).toMatchObject([{ reason: 'admin' }])
    await admin.press(/Resume the sale/)
    await eventually(async () => (await saleStops(kit.db)).length === 0)
    expect(await audited('fragment.stop')).toHaveLength(1)
  })

  test('lifts a stop of the sale that waited for documents: only an admin can know that they were sent', async () => {
    await stopSale(kit.db, 'kyc', 'documents, please')
    await home()
    await admin.hears(/identity must be confirmed/)
    await admin.press(/Resume the sale/)
    await eventually(async () => (await saleStops(kit.db)).length === 0)
  })

  test('settles an order in doubt with both facts on the screen; a retry that could buy twice is not offered', async () => {
    await kit.quietReading()
    const { person, id } = await inDoubt('doubtful')
    await home()
    await admin.press(/under review · 1/)
    await admin.press(/@doubtful/)
    // The screen shows the reading of the wallet that was taken before the screen was opened.
    const readings = () => kit.db.rows(q`select id from wallet_readings`).then((rows) => rows.length)
    const before = await readings()
    await home()
    await admin.press(/Check now/)
    await eventually(async () => (await readings()) > before, { what: 'the wallet is read again' })
    await home()
    await admin.press(/under review/)
    await admin.press(/@doubtful/)
    const card = await admin.hears(/0\.395\sTON unexplained[\s\S]*Not safe to retry/)
    const keys = card.inline_keyboard!.flat().map(({ text }) => text)
    expect(keys).toContain('Delivered')
    expect(keys.filter((text) => text.includes('Retry'))).toEqual([])
    await admin.press(/^Delivered$/)
    await admin.hears(/will be taken from the reserve/)
    await admin.press(/^Delivered$/)
    await kit.until(id, 'delivered')
    expect(await kit.money(person)).toMatchObject({ available: 0n, held: 0n })
    expect(await audited('order.delivered')).toMatchObject([{ target: id }])
  })

  test('gives back the money of a purchase in doubt, and refunds a delivered one, each once', async () => {
    const { person, id } = await inDoubt('given_back')
    await home()
    await admin.press(/under review · 1/)
    await admin.press(/@given_back/)
    await admin.press(/Give the money back/)
    await admin.press(/Give the money back/)
    await kit.until(id, 'failed')
    expect(await kit.money(person)).toMatchObject({ available: price, held: 0n })

    const buyer = await kit.person(price)
    const delivered = await kit.draft(buyer, ['unhappy'])
    await kit.place(delivered, buyer)
    await kit.until(delivered, 'delivered')
    await home()
    await admin.press(/^delivered/)
    await admin.press(/@unhappy/)
    await admin.press(/Refund/)
    const question = await admin.hears(/Refund .* for the delivered order/)
    const yes = question.inline_keyboard!.flat().find((key) => /Refund/.test(key.text))!
    await Promise.all([admin.forge(yes.callback_data!), admin.forge(yes.callback_data!)])
    await kit.until(delivered, 'refunded')
    expect(await kit.money(buyer)).toMatchObject({ available: price, held: 0n })
    expect(await audited('order.refund')).toHaveLength(1)
  })

  test('changes prices with a check and sees the margin, and a price that pays the customer is refused', async () => {
    await home()
    await admin.press(/Prices and terms/)
    await admin.hears(/50: .*90 − .*60 = .*30/)
    await admin.press(/Price of a Star/)
    await admin.say('free')
    await admin.hears(/does not fit/)
    // A Star that costs less than its tokens buy again would let people earn by buying in a circle.
    await admin.say('1.1')
    await admin.hears(/earn by buying in a circle/)
    await admin.say('1.9')
    await admin.hears(/Before: 1\.8[\s\S]*After: 1\.9/)
    await admin.press(/Save/)
    await admin.hears(/50: .*95/)
    expect(await audited('setting')).toMatchObject([
      { target: 'setting star-price', details: { from: null, to: '1.9' } },
    ])
    await admin.press(/Price of a Star/)
    await admin.say('1.8')
    await admin.press(/Save/)
    await admin.hears(/50: .*90/)
    await admin.hears(/Telegram gifts, ₽: —/)
    await admin.press(/Telegram gifts/)
    const { text } = await admin.hears(/🧸 15 ⭐ \d+/)
    const gift = /🧸 15 ⭐ (\d+)/.exec(text!)![1]
    await admin.say(`${gift}:49`)
    await admin.hears(new RegExp(`After: ${gift}:49`))
    await admin.press(/Save/)
    await admin.hears(new RegExp(`Telegram gifts, ₽: ${gift}:49`))
  })

  test('F71 keeps credentials encrypted, shows their last characters, and deletes the message they came in', async () => {
    await home()
    await admin.press(/Credentials/)
    await admin.press(/Wallet words/)
    await admin.say(WORDS)
    await admin.hears(/24 words/)
    const chat = await admin.control<{ messages: { deleted: boolean; text?: string }[] }>(
      'GET',
      `/chats/shop_bot/${ADMIN}`,
    )
    const shown = chat.messages.filter((one) => !one.deleted && one.text?.includes('secret0'))
    expect(shown).toHaveLength(0)
    const everywhere = await kit.db.rows(q<{ found: string }>`
      select name as found from secrets where position('secret0' in encode(ciphertext, 'escape')) > 0
      union all select target from audit_log where details::text like '%secret0%'
      union all select person_id::text from bot_sessions where session_data::text like '%secret0%'`)
    expect(everywhere).toEqual([])
    await admin.press(/API key/)
    await admin.say('abc')
    await admin.hears(/does not fit/)
  })

  test('nobody else gets in', async () => {
    await kit.control('POST', '/people', { id: 77, first_name: 'Eve', language_code: 'en' })
    const eve = openPhone(`${kit.telegram.url}/control`, 'shop_bot', 77)
    await eve.start()
    await eve.say('/fragment')
    await eve.hears(/don't know this command/)
  })
})
