import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { Context } from '#shared/context.ts'
import type { TelegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { setFile } from '#shop/shelf/files.ts'
import { readItem } from '#shop/shelf/items.ts'
import { itemKinds, kindOf } from '#shop/shelf/kinds/list.ts'
import { stopSale } from '#shop/stars-premium/sale-stops.ts'
import { createInline } from '#workers/bot/inline.ts'
import { NOTHING } from '#workers/bot/inline-offers.ts'
import { bot } from '#workers/bot/worker.ts'
import { countStatements } from '../lib/count-statements.ts'
import type { Counted } from '../lib/count-statements.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { settled } from '../lib/settled.ts'
import { shelfOf } from '../lib/shelf.ts'
import { openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

// What an update costs, in counts: a busy machine has the same counts as an idle one.

let shop: Shop
/** What the bot worker works with. */
let app: Context
let anna: Customer
const counter = countStatements('telekassa-bot')
beforeAll(async () => {
  shop = await openShop({
    workers: [
      {
        ...bot,
        start: async (context) => {
          app = context
          return await bot.start(context)
        },
      },
    ],
  })
  anna = await shop.person()
  await untilHandled(() => anna.start())
  // What /start owes is relayed after it is handled, so the counts begin with the second menu.
  await untilHandled(() => anna.say('/menu'))
})
afterAll(() => counter.stop())

/** Statements that run every few seconds, whether or not there are updates. */
const BY_ITSELF = /\bfrom "?(settings|admins|bots)\b|^select exists \(select "id" from "outbox"/

const handled = async () => {
  const [row] = await shop.db.rows(q<{ count: number }>`select count(*)::int as count from handled_updates`)
  return row!.count
}

async function untilHandled(act: () => Promise<unknown>): Promise<void> {
  const before = await handled()
  await act()
  await eventually(async () => (await handled()) === before + 1, { what: 'the update is handled' })
}

async function cost(act: () => Promise<unknown>): Promise<Counted> {
  counter.take()
  await untilHandled(act)
  const { statements, ...rest } = counter.take()
  return {
    ...rest,
    statements: statements.filter((text) => !BY_ITSELF.test(text) || /bot_sessions|into payments/.test(text)),
  }
}

const packs = async () => {
  await untilHandled(() => anna.say('/buy'))
  return anna.hears('⭐')
}

test('a menu costs two statements, and waits for the disk once', async () => {
  const { statements, commits, relays } = await cost(() => anna.say('/menu'))
  expect(statements).toHaveLength(2)
  expect(commits).toBe(1)
  expect(relays, 'nothing was owed').toBe(0)
})

test('a press that opens an invoice costs three statements, and waits for the disk twice', async () => {
  const { message_id, inline_keyboard } = await packs()
  const pack = inline_keyboard!.flat().find(({ text }) => text.includes('⭐'))!
  const { statements, commits, relays } = await cost(() => anna.tap(message_id, pack.callback_data!))
  expect(statements).toHaveLength(3)
  // The link is written with the payment, and the end is one that is shared with others.
  expect(statements.filter((text) => /\bpayments\b/.test(text))).toHaveLength(1)
  expect(commits).toBe(2)
  expect(relays, 'nothing was owed').toBe(0)
})

// 17 of the commands are the queue's own: adding 5, waiting 1, taking 6, ending 5 (decision 0081 says what each is
// for).
test('a menu costs at most 20 Redis commands, those inside of scripts counted', async () => {
  const bea = await shop.person()
  await untilHandled(() => bea.start())
  expect(await redisCommands(() => bea.say('/menu'), 4)).toBeLessThanOrEqual(20)
})

// From a person's sixth press within ten seconds on, three more commands tell the other processes how many presses
// there were.
test('a press that opens an invoice costs at most 23 Redis commands', async () => {
  const { message_id, inline_keyboard } = await packs()
  const pack = inline_keyboard!.flat().find(({ text }) => text.includes('⭐'))!
  expect(await redisCommands(() => anna.tap(message_id, pack.callback_data!))).toBeLessThanOrEqual(23)
})

test('of an update that is done Redis keeps nothing, and few events', async () => {
  await untilHandled(() => anna.say('/menu'))
  const redis = new Redis(shop.redis)
  const { queuePrefix } = shop.config
  await eventually(async () => (await redis.keys(`*${queuePrefix}*:update-*`)).length === 0, {
    what: 'no job is left',
  })
  for (const queue of shop.shared.producer.queues.get('updates')!)
    expect(await redis.hget(queue.toKey('meta'), 'opts.maxLenEvents')).toBe('10')
  redis.disconnect()
})

/** Returns the fewest commands of some rounds, because the worker also looks at the queue by itself now and then. */
async function redisCommands(act: () => Promise<unknown>, rounds = 6): Promise<number> {
  let seen: string[] = []
  // The socket is read by hand, because ioredis 6.0.0 takes a command that another client runs at this moment for
  // the answer to MONITOR.
  const { hostname, port, password } = new URL(shop.redis)
  const monitor = connect(Number(port), hostname)
  createInterface({ input: monitor }).on('line', (line) => {
    if (line.includes(shop.config.queuePrefix)) seen.push(line)
  })
  monitor.write(`${password && `AUTH ${password}\r\n`}MONITOR\r\n`)
  /**
   * Counts the commands for one partition from the update on until the partition is at rest, those that count
   * people and messages, and the one command by which the process waits for all partitions.
   */
  const counted = (): number | undefined => {
    const partition = /:updates-\d+:update-/.exec(seen.find((line) => line.includes(':update-')) ?? '')?.[0]
    const own = partition?.slice(0, -'update-'.length)
    const lines = seen.filter(
      (line) => (own && line.includes(own) && !ofAll(line)) || /limit-|last-known|-budget-/.test(line),
    )
    const ended = lines.findIndex((line) => line.includes('"DEL"'))
    const rests = ended > 0 && lines.slice(ended).some((line) => line.includes('"RPOPLPUSH"'))
    return rests ? lines.length + 1 : undefined
  }
  const ofAll = (line: string) => line.includes(':updates-0:') && line.includes(':updates-1:')
  const figures: number[] = []
  for (let round = 0; round < rounds; round++) {
    seen = []
    await untilHandled(act)
    figures.push(await eventually(counted, { what: 'the partition is at rest' }))
  }
  monitor.destroy()
  return Math.min(...figures)
}

describe('inline mode', () => {
  const customer = async () => {
    const person = await shop.person({ language_code: 'en' })
    await person.start()
    await person.hears('Balance')
    return person
  }
  interface Found {
    answered: boolean
    results: {
      id: string
      title: string
      description: string
      reply_markup: { inline_keyboard: { url: string }[][] }
    }[]
    next_offset: string
    cache_time: number
  }
  const asks = async (id: number, query: string, { offset = '', bot = 'main_bot' } = {}) => {
    const found = await shop.control<Found>('POST', `/chats/${bot}/${id}/inline`, { query, offset })
    expect(found.answered, `the bot answers ${query}`).toBe(true)
    return found
  }
  const ids = ({ results }: Found) => results.map(({ id }) => id)
  const linkIn = ({ results }: Found, id: string) =>
    results.find((one) => one.id === id)!.reply_markup.inline_keyboard[0]![0]!.url.split('?start=')[1]!
  const people = async () =>
    (await shop.db.rows(q`select id from persons union all select person_id from bot_sessions`)).length
  let item: bigint
  /** Another letter for each query: Telegram remembers what it answered. */
  let asked = 0
  const another = () => `lamp${' '.repeat(++asked)}`
  beforeAll(async () => {
    const shelf = await shelfOf(shop)
    item = await shelf.item(
      {
        name: { ru: 'Лампа', en: 'Lamp <3' },
        description: { en: 'For two\nplayers' },
        prices: { second: '700' },
      },
      ['lamp-key'],
    )
    await shelf.item({ name: { ru: 'Лампа для своих', en: 'Lamp for VIP' }, bots: ['second'] }, ['vip-key'])
    const hidden = await shelf.item({ name: { ru: 'Лампа спрятана', en: 'Lamp hidden' } }, ['hidden-key'])
    await shop.db.rows(q`update shelf_items set retired = true where id = ${hidden}`)
  })

  test('a person sends an item into any chat; whoever comes by its key sees the item and was invited by the sender', async () => {
    const anna = await customer()
    const hidden = await asks(anna.id, '')
    expect(ids(hidden)).toEqual(expect.arrayContaining(['invite', 'stars', 'premium', 'image']))
    expect(
      ids(hidden).some((id) => id.startsWith('item-')),
      'the menu has no key of the shelf',
    ).toBe(false)
    await shop.db.rows(q`insert into settings (bot, key, value) values ('', 'shelf-in-menu', 'true')`)
    await eventually(async () => (await asks(anna.id, another())).results.length > 0, {
      what: 'the item',
      everyMs: 250,
    })
    const found = await asks(anna.id, another())
    expect(found).toMatchObject({ is_personal: true, next_offset: '' })
    expect(found.cache_time).toBeLessThanOrEqual(60)
    expect(found.results, 'neither the hidden one nor the one of another bot').toHaveLength(1)
    expect(found.results[0]).toMatchObject({
      title: 'Lamp <3',
      description: '₽5 · For two players',
      input_message_content: { message_text: '<b>Lamp &lt;3</b>\n₽5\n\nFor two\nplayers' },
    })
    const link = linkIn(found, `item-${item}`)
    expect(link).toBe(`r_${anna.id.toString(36)}-item_${item}`)
    const friend = await shop.person({ language_code: 'en' })
    await friend.start(link)
    await friend.hears('A friend invited you')
    await friend.hears(/Lamp <3[^]*Price: ₽5/)
    expect(
      await shop.db.rows(q`select inviter_id::int8 as by from referrals where person_id = ${friend.id}`),
    ).toEqual([{ by: BigInt(anna.id) }])
    await friend.say(`/start ${linkIn(hidden, 'image')}`)
    await friend.hears('New picture')
  })

  test('a stranger, whose chats may all wait, finds goods by two statements and becomes nobody; the banned and a paused bot get nothing', async () => {
    const [stranger, banned] = [await shop.person({ language_code: 'en' }), await customer()]
    await settled(shop, ['updates', 'checkout', 'notices'])
    const before = await people()
    const updates = shop.shared.producer.queues.get('updates')!
    await Promise.all(updates.map((queue) => queue.pause()))
    counter.take()
    try {
      const found = await asks(stranger.id, another())
      const read = counter.take().statements.filter(
        (text) =>
          /person|bot_sessions|shelf_|referrals|handled_updates|insert|update/.test(text) &&
          // The list of served bots is read every two seconds, by itself.
          !text.includes('served_at'),
      )
      expect(read, read.join('\n')).toHaveLength(2)
      expect(linkIn(found, `item-${item}`), 'nobody would count as invited by a stranger').toBe(
        `item_${item}`,
      )
      expect(ids(await asks(stranger.id, ''))).not.toContain('invite')
    } finally {
      await Promise.all(updates.map((queue) => queue.resume()))
    }
    expect(await people()).toBe(before)

    const vip = await asks(stranger.id, another(), { bot: 'second_bot' })
    expect(vip.results.map(({ title, description }) => `${title} ${description}`)).toEqual([
      'Lamp <3 ₽7 · For two players',
      'Lamp for VIP ₽5',
    ])
    await shop.db.rows(q`
      insert into shelf_items (kind, name, asset, price, created_by)
      select 'code', jsonb_build_object('ru', 'Гвоздь ' || n, 'en', 'Nail ' || n), 'RUB', 100, 1
      from generate_series(1, 25) n`)
    const first = await asks(stranger.id, 'гвоздь')
    expect(first).toMatchObject({ next_offset: '20' })
    const second = await asks(stranger.id, 'гвоздь', { offset: first.next_offset })
    expect(second.next_offset).toBe('')
    expect(new Set([...ids(first), ...ids(second)]).size).toBe(25)

    await shop.db.rows(q`update persons set banned_at = now() where id = ${banned.id}`)
    expect((await asks(banned.id, another())).results).toEqual([])
    await shop.db.rows(q`update bots set state = 'paused' where name = 'second'`)
    expect((await asks(stranger.id, another(), { bot: 'second_bot' })).results).toEqual([])
    await shop.db.rows(q`update bots set state = 'active' where name = 'second'`)
  })

  test('what nobody can buy now is not offered: items without stock, and goods whose sale is stopped', async () => {
    const anna = await customer()
    const shelf = await shelfOf(shop)
    const kinds = [...itemKinds, 'file', 'access']
    const items = await Promise.all(
      kinds.map((kind) => shelf.item({ kind, name: { ru: 'Новое', en: `New ${kind}` } })),
    )
    const file = { type: 'document', fileId: 'f', name: 'f.pdf', size: 30 * 1024 * 1024 } as const
    await shop.db.rows(q`update shelf_items set content = null where id = any(${items})`)
    const [large, lost] = [items.at(-2)!, items.at(-1)!]
    await shop.db.tx((tx) => setFile(tx, { itemId: large, bot: 'second' }, file))
    const chatFor = (id: bigint, lostAt: string | null) =>
      shop.db.rows(q`
      insert into shelf_chats (item_id, bot, chat_id, title, link, lost_at)
      values (${id}, 'main', -100, 'Club', 'https://t.me/+x', ${lostAt}::timestamptz)`)
    await chatFor(lost, '2026-01-01')
    const offered = async () => ids(await asks(anna.id, `new${' '.repeat(++asked)}`)).toSorted()
    const sellable = async () => {
      const all = await Promise.all(items.map((id) => readItem(shop.db, id)))
      const left = await Promise.all(all.map((one) => kindOf(one!).left(shop.db, one!, 1, 'main')))
      return items.flatMap((id, at) => (left[at] === 0 ? [] : [`item-${id}`])).toSorted()
    }
    const ofKinds = (...names: string[]) => names.map((name) => `item-${items[kinds.indexOf(name)]}`)
    expect(await offered()).toEqual(ofKinds('code', 'service').toSorted())
    expect(await sellable()).toEqual(await offered())
    await shelf.fill(items[kinds.indexOf('stock')]!, ['the last key'])
    await shop.db.rows(q`update shelf_items set content = '' where id = ${items[kinds.indexOf('text')]}`)
    await shop.db.tx((tx) => setFile(tx, { itemId: items[kinds.indexOf('file')]!, bot: 'main' }, file))
    await chatFor(items[kinds.indexOf('access')]!, null)
    expect(await offered()).toEqual(ofKinds(...itemKinds).toSorted())
    expect(await sellable()).toEqual(await offered())

    await stopSale(shop.db, 'admin', 'a test')
    const found = ids(await asks(anna.id, '', { offset: '' }))
    expect(found).toContain('image')
    expect(found).not.toContain('stars')
    expect(found).not.toContain('premium')
    await shop.db.rows(q`delete from sale_stops`)
  })

  describe('while many type', () => {
    const run = (queuedMsAgo = 0) => ({ queuedAt: Date.now() - queuedMsAgo, sealed: true, log: app.log })
    const typed = (from: number, of = 'main'): TelegramUpdate => ({
      bot: of,
      update: {
        update_id: 1,
        inline_query: {
          id: '1',
          from: { id: from, is_bot: false, first_name: 'Eve' },
          query: '',
          offset: '',
        },
      },
    })
    /** Counts the queries that were worked on. */
    const counting = (over: Partial<Context> = {}) => {
      const looked = { times: 0 }
      const offer = async () => {
        looked.times += 1
        return NOTHING
      }
      return { looked, answer: createInline({ ...app, ...over }, { inline: [offer] }) }
    }

    test('a query that waited for more than eight seconds, or has no seal, is not looked at', async () => {
      const { looked, answer } = counting()
      expect(await answer(typed(anna.id), run(8_001))).toMatchObject({ verdict: 'done' })
      await answer(typed(anna.id), { ...run(), sealed: false })
      expect(looked.times).toBe(0)
      await answer(typed(anna.id), run())
      expect(looked.times).toBe(1)
    })

    test('ten are answered at once in a process, the next one waits its turn and takes no place of a payment', async () => {
      const gate = Promise.withResolvers<void>()
      const { looked, answer } = counting({ bots: new Map(), refreshBots: () => gate.promise })
      const eleven = Array.from({ length: 11 }, () => answer(typed(anna.id, 'unknown'), run()))
      gate.resolve()
      const verdicts = (await Promise.all(eleven)).map(({ verdict }) => verdict)
      expect(verdicts).toEqual([...Array.from({ length: 10 }, () => 'done'), 'later'])
      expect(await answer(typed(anna.id, 'unknown'), run())).toMatchObject({ verdict: 'done' })
      expect(looked.times).toBe(0)
    })

    test('whoever types more than thirty letters in ten seconds gets no more lists, and others do', async () => {
      const { looked, answer } = counting()
      const eve = (await shop.person()).id
      // The window is an hour instead of ten seconds, so that on a slow machine nobody gets a second window.
      await shop.shared.backend.redis!.set(
        `${shop.shared.backend.key('limit-inline')}:${eve}`,
        0,
        'PX',
        3_600_000,
      )
      for (let letter = 0; letter < 40; letter++) await answer(typed(eve), run())
      expect(looked.times).toBe(30)
      await answer(typed(anna.id), run())
      expect(looked.times).toBe(31)
    })
  })
})
