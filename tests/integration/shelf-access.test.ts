import { sql as q } from 'kysely'
import { beforeAll, describe, expect } from 'vitest'
import { startRelay } from '#shared/queue/relay.ts'
import { readBalance } from '#shared/money/read.ts'
import { readOrder } from '#shared/money/orders.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { refundItem } from '#shop/shelf/endings.ts'
import { lookAfterAccesses } from '#shop/shelf/worker/accesses.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, TOKENS, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'
import { give } from '../lib/give.ts'

const BOT = Number(TOKENS.main.split(':')[0])
const CLUB = -1_001_000_000_011
const PUBLIC = -1_001_000_000_012

let shop: Shop
let boss: Customer
beforeAll(async () => {
  shop = await openShop({ workers: ['bot'] })
  // This relay moves what the test itself owes at once, where the bot worker would move it in its next round.
  const relay = startRelay(shop.db, shop.shared.producer, shop.shared.log, 20)
  shop.onClose(() => relay.stop())
  boss = await shop.person({ id: ADMIN, language_code: 'en' })
  await boss.start()
  await shop.control('POST', '/chats', { id: CLUB, type: 'channel', title: 'Club <1>', members: {} })
  await shop.control('POST', '/chats', {
    id: PUBLIC,
    type: 'supergroup',
    title: 'Open',
    username: 'open_talk',
    members: { [BOT]: 'administrator', [ADMIN]: 'creator' },
  })
})

async function customer(kopecks = 30_000n): Promise<Customer> {
  const person = await shop.person({ language_code: 'en' })
  await person.start()
  await person.hears('')
  if (kopecks > 0n) await give(shop.db, person.id, kopecks)
  return person
}
const inClub = (members: object) => shop.control('PATCH', `/chats/${CLUB}`, { members })
const withhold = (rights: string[]) =>
  shop.control('PATCH', `/chats/${CLUB}`, { withheld: { [BOT]: rights } })
const join = ({ id }: Customer, link: string) =>
  shop.control('POST', `/chats/${CLUB}/join`, { person: String(id), link })
const isIn = async ({ id }: Customer) =>
  (
    (await fetch(`${shop.telegram.url}/bot${TOKENS.main}/getChatMember?chat_id=${CLUB}&user_id=${id}`).then(
      (answer) => answer.json(),
    )) as { result: { status: string } }
  ).result.status === 'member'
const comesIn = (person: Customer, inside = true) =>
  eventually(async () => (await isIn(person)) === inside, { what: `${person.id} inside: ${inside}` })
const look = () => lookAfterAccesses(shop)
const orderOf = async ({ id }: Customer) =>
  (
    await shop.db.rows(
      q<{ id: string }>`select id from orders where person_id = ${id} order by created_at desc limit 1`,
    )
  )[0]!.id
const roubles = async ({ id }: Customer) => (await readBalance(shop.db, BigInt(id), 'RUB')).available
const rowsOf = ({ id }: Customer) =>
  shop.db.rows(
    q<{ days: number; inside: boolean; over: boolean; out: boolean }>`
      select round(extract(epoch from until_at - from_at) / 86400)::int as days, joined_at is not null as inside,
        ended_at is not null as over, out_at is not null as out from shelf_accesses where person_id = ${id} order by from_at`,
  )
const refund = async (person: Customer) =>
  refundItem(
    { ...shop, config: shop.config, bots: new Map(), settings: createSettings(shop.db, shop.config) },
    await orderOf(person),
    {
      admin: BigInt(ADMIN),
      bot: 'main',
      reason: 'sorry',
    },
  )

/** Buys the place and returns the link of its card. */
async function buy(person: Customer): Promise<string> {
  await person.say('/goods')
  await person.press('Club · ₽150')
  const { message, key } = await person.key('Buy · ₽150')
  await Promise.all([1, 2].map(() => person.tap(message.message_id, key.callback_data!)))
  await person.hears(/Club: “Club <1>” is open to you from/)
  return (await person.key('Join')).key.url!
}

describe('a place in a private channel', () => {
  let link = ''

  test('is sold once the bot can let people in and out, nobody comes in without it, and the admin rules there (F98)', async () => {
    await boss.say('/admin')
    await boss.press('Own goods')
    await boss.press('New item')
    await boss.hears('Describe the item')
    await boss.say('kind: access\nru: Клуб\nen: Club\nprice: 150 RUB\ndays: 30')
    await boss.hears(/No channel or group is chosen yet/)
    const send = async (text: string, answer: string | RegExp) => {
      await boss.say(text)
      await boss.hears(answer)
    }
    await boss.press('Choose the channel or group')
    await boss.hears('Make @main_bot an admin')
    const inner = `https://t.me/c/${String(-CLUB).slice(3)}/15`
    await send('the club', 'I do not understand which channel or group')
    await send(inner, 'The bot @main_bot is no admin there')
    await inClub({ [BOT]: 'administrator', [ADMIN]: 'member' })
    await withhold(['can_restrict_members'])
    await send(inner, 'The bot @main_bot lacks rights')
    await withhold([])
    await send(inner, 'Only an admin of a chat may sell places in it')
    await send('@open_talk', 'is public, so anybody can join it')
    await inClub({ [ADMIN]: 'creator' })
    await send(inner, /Where to: “Club <1>”, let in by the bot main. Time: 30 days/)
    expect(await shop.calls('createChatInviteLink'), 'made for an item that is in order').toHaveLength(1)
  })

  test('is for whoever bought it: a link that leaked lets nobody else in, and they are told where to buy (F98)', async () => {
    const [buyer, stranger] = [await customer(), await customer(0n)]
    link = await buy(buyer)
    await join(stranger, link)
    await stranger.hears('Only those who bought “Club” can come in')
    expect((await stranger.key('See the item')).key.url).toMatch(
      /^https:\/\/t\.me\/main_bot\?start=item_\d+$/,
    )
    await join(buyer, link)
    await comesIn(buyer)
    expect(await isIn(stranger)).toBe(false)
    await eventually(async () => (await rowsOf(buyer))[0]?.inside, { what: 'saved' })
    expect(await shop.calls('createChatInviteLink'), 'one link for everybody').toHaveLength(1)
  })

  test('bought again it goes on where it ends; it is told before it ends, and then its buyer is out and not banned (F98)', async () => {
    const buyer = await customer()
    await join(buyer, await buy(buyer))
    await comesIn(buyer)
    await eventually(async () => (await rowsOf(buyer))[0]?.inside, { what: 'saved' })
    await buyer.say('/goods')
    await buyer.press('Club · ₽150')
    await buyer.press('Buy · ₽150')
    await eventually(async () => (await rowsOf(buyer)).length === 2, { what: 'the second time' })
    expect(await rowsOf(buyer)).toEqual([
      { days: 30, inside: true, over: false, out: false },
      { days: 30, inside: true, over: false, out: false },
    ])
    const pass = (days: number) =>
      shop.db.rows(q`update shelf_accesses set from_at = from_at - ${days} * interval '1 day',
        until_at = until_at - ${days} * interval '1 day' where person_id = ${buyer.id}`)
    await pass(31)
    await Promise.all([look(), look()])
    await eventually(async () => (await rowsOf(buyer))[0]?.out, { what: 'the first time' })
    expect(await isIn(buyer), 'by the second one').toBe(true)
    expect(await shop.calls('unbanChatMember')).toEqual([])
    await pass(27)
    await Promise.all([look(), look()])
    await buyer.hears(/“Club” ends in 2 days/)
    await pass(3)
    await Promise.all([look(), look()])
    await buyer.hears('the time you paid for is over')
    await comesIn(buyer, false)
    await eventually(async () => (await rowsOf(buyer))[1]?.out, { what: 'saved' })
    const told = (await buyer.messages()).filter(({ text = '' }) => /ends in|is over/.test(text))
    expect(told).toHaveLength(2)
    // A buyer whose time is over is not banned: they may come back, ask and be let in.
    await buyer.press('Extend')
    await buyer.hears('Price: ₽150')
    await join(buyer, link)
    await buyer.hears('Only those who bought “Club” can come in')
  })

  test('whose money goes back ends, and a time that was bought behind it moves up (F98)', async () => {
    const buyer = await customer()
    await join(buyer, await buy(buyer))
    await comesIn(buyer)
    await buyer.say('/goods')
    await buyer.press('Club · ₽150')
    await buyer.press('Buy · ₽150')
    await eventually(async () => (await rowsOf(buyer)).length === 2, { what: 'the second time' })
    expect(await refund(buyer)).toBe('done')
    await eventually(async () => (await rowsOf(buyer))[1]?.out, { what: 'looked at' })
    expect([await isIn(buyer), await roubles(buyer)], 'by the first one').toEqual([true, 15_000n])
    const first = (
      await shop.db.rows(q<{ id: string }>`
        select order_id as id from shelf_accesses where person_id = ${buyer.id} order by from_at limit 1`)
    )[0]!.id
    await shop.db.rows(q`update orders set created_at = now() + interval '1 second' where id = ${first}`)
    expect(await refund(buyer)).toBe('done')
    await comesIn(buyer, false)
    expect(await roubles(buyer)).toBe(30_000n)
  })

  test('an answer of Telegram’s that was lost is asked for again, and whoever is banned stays so (F98)', async () => {
    const buyer = await customer()
    const url = await buy(buyer)
    await shop.fault({ on: 'call', method: 'approveChatJoinRequest', do: { drop: 'after' } })
    await join(buyer, url)
    await comesIn(buyer)
    await eventually(async () => (await rowsOf(buyer))[0]?.inside, { what: 'saved' })
    await shop.fault({ on: 'call', method: 'unbanChatMember', do: { drop: 'after' } })
    await refund(buyer)
    await comesIn(buyer, false)
    await eventually(async () => (await rowsOf(buyer))[0]?.out, { what: 'saved' })
    const banned = await customer()
    await join(banned, await buy(banned))
    await comesIn(banned)
    await inClub({ [banned.id]: 'kicked' })
    const before = (await shop.calls('unbanChatMember')).length
    await refund(banned)
    await eventually(async () => (await rowsOf(banned))[0]?.out, { what: 'looked at' })
    expect(await shop.calls('unbanChatMember')).toHaveLength(before)
  })

  test('who is in too many channels is told to leave one, comes in by itself then, or gets the money back after a day (F98)', async () => {
    const tooMany = (times: number) =>
      shop.fault({
        on: 'call',
        method: 'approveChatJoinRequest',
        times,
        do: { status: 400, description: 'Bad Request: USER_CHANNELS_TOO_MUCH' },
      })
    const refused = ({ id }: Customer) =>
      eventually(
        async () =>
          (
            await shop.db.rows(q`
              select order_id from shelf_accesses where person_id = ${id} and refused_at is not null`)
          )[0],
      )
    const tries = async ({ id }: Customer) =>
      (await shop.calls('approveChatJoinRequest')).filter(
        ({ params }) => String(params['user_id']) === String(id),
      )
    const due = ({ id }: Customer) =>
      shop.db.rows(q`update shelf_accesses set try_at = now() - interval '1 second' where person_id = ${id}`)
    const [leaves, stays] = [await customer(), await customer()]
    const [first, second] = [await buy(leaves), await buy(stays)]
    await tooMany(2)
    await join(leaves, first)
    await leaves.hears('you are in too many channels and groups')
    await refused(leaves)
    await look()
    expect(await roubles(leaves), 'a day is not over').toBe(15_000n)
    // The second try is refused as well, and says nothing new.
    await due(leaves)
    await look()
    await eventually(async () => (await tries(leaves)).length === 2)
    await due(leaves)
    await look()
    await comesIn(leaves)
    await eventually(async () => (await rowsOf(leaves))[0]?.inside, { what: 'saved' })
    const told = (await leaves.messages()).filter(({ text }) => text?.includes('too many channels'))
    expect(told).toHaveLength(1)

    await tooMany(0)
    await join(stays, second)
    await stays.hears('you are in too many channels and groups')
    await refused(stays)
    await shop.db.rows(q`
      update shelf_accesses set refused_at = now() - interval '25 hours' where person_id = ${stays.id}`)
    await look()
    await stays.hears('you could not be let in. ₽150 is back on your balance')
    await shop.control('PUT', '/faults', [])
    expect(await roubles(stays)).toBe(30_000n)
    const letters = await shop.db.rows(q`
      select key from outbox where state = 'dead' and job in ('item.door', 'telegram.chat')`)
    expect(letters, 'nobody else has to do anything').toEqual([])
  })

  test('F98 a full chat is a state and no dead letter: who has paid and the admins read of it, newcomers are not sold a place, and room lets all in', async () => {
    const [waits, late, inside] = [await customer(), await customer(), await customer(60_000n)]
    await join(inside, await buy(inside))
    await comesIn(inside)
    const url = await buy(waits)
    await shop.fault({
      on: 'call',
      method: 'approveChatJoinRequest',
      times: 1,
      do: { status: 400, description: 'Bad Request: USERS_TOO_MUCH' },
    })
    await join(waits, url)
    await waits.hears('there is no room at the moment')
    await boss.hears(/Club.*“Club <1>” has no room left/)
    await late.say('/goods')
    await late.press('Club · ₽150')
    expect((await late.press('Buy · ₽150')).text).toContain('There is no room in there at the moment')
    expect(await roubles(late)).toBe(30_000n)
    // A member needs no further place.
    await inside.say('/goods')
    await inside.press('Club · ₽150')
    await inside.press('Buy · ₽150')
    await eventually(async () => (await rowsOf(inside)).length === 2, { what: 'the time goes on' })
    await shop.db.rows(
      q`update shelf_accesses set try_at = now() - interval '1 second' where person_id = ${waits.id}`,
    )
    await look()
    await comesIn(waits)
    await eventually(
      async () => (await shop.db.rows(q`select from shelf_chats where full_at is not null`)).length === 0,
      { what: 'there is room again' },
    )
    await join(late, await buy(late))
    await comesIn(late)
    const letters = await shop.db.rows(q`
      select key from outbox where state = 'dead' and job in ('item.door', 'telegram.chat')`)
    expect(letters).toEqual([])
  })

  test('F41 whoever deletes the account after asking to come in leaves no dead letter (F98)', async () => {
    const gone = await customer()
    const url = await buy(gone)
    await shop.fault({
      on: 'call',
      method: 'approveChatJoinRequest',
      do: { status: 400, description: 'Bad Request: USER_ID_INVALID' },
    })
    await join(gone, url)
    const asks = q`select from shelf_accesses where person_id = ${gone.id} and asked_at is not null`
    await eventually(async () =>
      (await shop.calls('approveChatJoinRequest')).some(
        ({ params }) => String(params['user_id']) === String(gone.id),
      ),
    )
    await eventually(async () => (await shop.db.rows(asks)).length === 0, { what: 'nobody waits there' })
    expect(await shop.db.rows(q`select key from outbox where state = 'dead'`)).toEqual([])
  })

  test('when the bot loses its rights admins and whoever waits are told, nothing is sold, and the money comes back by itself (F98)', async () => {
    const [inside, waiting, other] = [await customer(), await customer(), await customer()]
    await join(inside, await buy(inside))
    await comesIn(inside)
    await eventually(async () => (await rowsOf(inside))[0]?.inside, { what: 'saved' })
    await buy(waiting)
    await withhold(['can_invite_users'])
    await boss.hears(/the bot can no longer let anybody into “Club <1>”/)
    await waiting.hears('the bot cannot let anybody in right now')
    await other.say('/goods')
    await other.press('Club · ₽150')
    await other.hears('Out of stock at the moment')
    // The shop also notices that its rights have come back.
    await withhold([])
    await waiting.hears('“Club” works again')
    await withhold(['can_invite_users'])
    await eventually(
      async () =>
        (await waiting.messages()).filter(({ text = '' }) => text.includes('cannot let anybody in right now'))
          .length === 2,
      { what: 'told again' },
    )
    await look()
    expect(await roubles(waiting), 'within a day').toBe(15_000n)
    await shop.db.rows(q`update shelf_chats set lost_at = now() - interval '25 hours'`)
    await Promise.all([look(), look()])
    await waiting.hears(/you could not be let in\. ₽150 is back/)
    expect([await roubles(waiting), (await readOrder(shop.db, await orderOf(waiting)))!.state]).toEqual([
      30_000n,
      'refunded',
    ])
    expect([await roubles(inside), await isIn(inside)], 'who is in stays').toEqual([15_000n, true])
    // A person whose money goes back meanwhile is taken out when the rights are there again.
    await refund(inside)
    await withhold([])
    await eventually(
      async () => {
        await shop.db.rows(
          q`update shelf_accesses set try_at = now() - interval '1 second' where out_at is null`,
        )
        await look()
        return !(await isIn(inside))
      },
      { what: 'taken out' },
    )
  })

  test('F50 F98 when Telegram refuses the token of the bot at the door nothing more is sold, and the money of whoever waits comes back', async () => {
    const waiting = await customer()
    await buy(waiting)
    await shop.fault({ on: 'call', bot: 'main_bot', method: 'getChatMember', do: { revoke: true } })
    await shop.db.rows(q`update shelf_chats set checked_at = now() - interval '2 hours'`)
    await look()
    await eventually(
      async () => (await shop.db.rows(q`select 1 from shelf_chats where lost_at is not null`)).length === 1,
      { what: 'the door counts as lost' },
    )
    await shop.db.rows(q`update shelf_chats set lost_at = now() - interval '25 hours'`)
    await look()
    expect(await roubles(waiting)).toBe(30_000n)
    // No update tells of a new token, so a lost door is looked at more often than the others.
    // Two looks of one second are one, so the first is forgotten.
    await shop.db.rows(q`delete from outbox where key like 'chat-main-%look-%'`)
    await shop.db.rows(q`update shelf_chats set checked_at = now() - interval '11 minutes'`)
    await look()
    expect(await shop.db.rows(q`select 1 from outbox where key like 'chat-main-%look-%'`)).toHaveLength(1)
  })
})
