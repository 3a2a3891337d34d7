import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { heavyId, load } from '../../bench/growth/load.ts'
import { goods } from '#shop/goods.ts'
import type { Db } from '#shared/db/db.ts'
import { operations } from '#shared/money/read.ts'
import { giveEarnedBadges } from '#shop/loyalty/levels/badges.ts'
import { followLedger } from '#shop/loyalty/worker/follow-ledger.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { lookAfterPictures } from '#shop/pictures/worker/check.ts'
import type { Parts } from '#shop/pictures/worker/parts.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { lastProof, prove } from '#shared/money/proof.ts'
import { proveAndTell } from '#shared/money/prove-ledger.ts'
import { credit } from '../lib/ledger.ts'
import { botRows } from '#shop/admin/run-time-bots.ts'
import { conversion, newPeople, revenue, revenueBy, sales } from '#shop/admin/stats.ts'
import type { Series } from '#shop/admin/stats.ts'
import { findGains } from '#shop/admin/worker/gains.ts'
import { SCALES } from '#shared/money.ts'
import { mintedByBot } from '#shop/admin/worker/minted.ts'
import { countDays } from '#shop/admin/totals.ts'
import { leaderboard } from '#shop/loyalty/levels/progress.ts'
import { markPlaces, placeOf } from '#shop/loyalty/levels/places.ts'
import { exportQuery } from '#shop/exports/queries.ts'
import { COUNTED, STATES, countByState, listByState } from '#shop/stars-premium/by-state.ts'
import { listPayments, paymentStory } from '#shop/payments/story.ts'
import { panelRoutes } from '#shop/web/panel/routes.ts'
import type { ListAnswer } from '#shop/web/panel/list.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { readerIn } from '#shared/reader.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import { LISTS } from '../lib/panel-lists.ts'
import { rowsRead } from '../lib/rows-read.ts'

const log = createLog({ level: 'silent', name: 'test' })
const PEOPLE = 5_000
const OPERATIONS = 10_000
const HEAVY = BigInt(heavyId(PEOPLE, OPERATIONS))

/** A year of a shop, small enough for a test: a statement that reads all of it is betrayed by its count. */
describe('a shop that has grown', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>
  let db: Db
  beforeAll(async () => {
    database = await createDatabase()
    await load(database.url, PEOPLE, [1_000, OPERATIONS])
    db = await openTestDb(database.url, { max: 1, name: 'test' })
  }, 120_000)
  afterAll(async () => {
    await db?.close()
    await database?.drop()
  })

  test('the newest operations of a person are read, not all ten thousand, and not all later ones of others', async () => {
    expect(await rowsRead(db, () => operations(db, HEAVY, { limit: 10 }))).toBeLessThan(200)
    const earlier = BigInt(heavyId(PEOPLE, 1_000))
    expect(await rowsRead(db, () => operations(db, earlier, { limit: 10 }))).toBeLessThan(200)
    const page = await operations(db, HEAVY, { limit: 10 })
    expect(page).toHaveLength(10)
    const older = () => operations(db, HEAVY, { limit: 10, before: page.at(-1)!.id })
    expect(await rowsRead(db, older)).toBeLessThan(200)
    expect(page.map(({ id }) => id)).not.toContain((await older())[0]!.id)
  })

  test('badges after one more posting do not read what the person ever did, so N postings cost N and not N²', async () => {
    const look = () => db.tx((tx) => giveEarnedBadges(tx, goods, new Map([[HEAVY, 'main']])))
    // The first look adds up, once, what the person has spent so far.
    await look()
    expect(await rowsRead(db, look)).toBeLessThan(500)
    // A connection that has asked this often plans it once for everybody.
    await db.rows(q`set plan_cache_mode = force_generic_plan`)
    expect(await rowsRead(db, look)).toBeLessThan(500)
    await db.rows(q`reset plan_cache_mode`)
    // A badge for days in a row that was made today asks for all days of the past, and not for all postings of
    // each day.
    await db.rows(q`update badges set created_at = now() where criteria ->> 'kind' = 'streak'`)
    expect(await rowsRead(db, look)).toBeLessThan(1_000)
    const [spent] = await db.rows(
      q<{ amount: bigint }>`select amount from spendings where person_id = ${HEAVY}`,
    )
    expect(spent!.amount).toBe(BigInt((10 * OPERATIONS) / 2))
  })

  test('pictures are looked after without reading the jobs that were done', async () => {
    const parts = {
      app: {
        db,
        bots: new Map([['main', {}]]),
        settings: createSettings(db, { env: {} } as never),
      },
      providers: new Map(),
      times: { slowTick: 15_000 },
    } as unknown as Parts
    expect(await rowsRead(db, () => lookAfterPictures(parts))).toBeLessThan(200)
  })

  test('a place far down the leaderboard is not counted from the top, and is the same', async () => {
    const id = 300n
    const [ahead] = await db.rows(q<{ count: bigint }>`
      select count(*) from progress o join progress g on (o.xp, -o.person_id) > (g.xp, -g.person_id)
      where g.person_id = ${id}`)
    const place = Number(ahead!.count) + 1
    expect(place).toBeGreaterThan(2_000)
    expect(await placeOf(db, id)).toMatchObject({ place })
    // Fifty marks in runs of twenty: a run reads only its part, and the next run goes on after it.
    for (const isOver of [false, false, true])
      expect(await rowsRead(db, async () => expect(await markPlaces(db, 100, 20)).toBe(isOver))).toBeLessThan(
        3_000,
      )
    const marks = () =>
      db.rows<{ place: number }>({ text: 'select * from place_marks order by place', values: [] })
    const all = await marks()
    expect(all.map((mark) => mark.place)).toEqual(Array.from({ length: 50 }, (_, at) => 100 * (at + 1)))
    expect(await markPlaces(db, 100, 100)).toBe(true)
    expect(await marks()).toEqual(all)
    expect(await placeOf(db, id)).toMatchObject({ place })
    expect(await rowsRead(db, () => leaderboard(db, id, 10))).toBeLessThan(500)
    // The marked people, whoever is next to them, and the first and the last.
    const around = await db.rows(q<{ id: bigint; place: number }>`
      select person_id as id, row_number() over (order by xp desc, person_id)::int as place from progress where xp > 0`)
    for (const at of [0, 98, 99, 100, 101, 2_499, around.length - 1])
      expect(await placeOf(db, around[at]!.id)).toMatchObject({ place: at + 1 })
  })

  test('statistics of a year and the page of bots add up totals of days; what changed on an old day comes with the next count', async () => {
    const look = async () => [
      await revenue(db, 'main', 365, 1_000n),
      await newPeople(db, 'main', 365),
      await conversion(db, 'main', 365),
      await sales(db, 'main', 365),
      (await botRows(db)).find(({ name }) => name === 'main')!.people,
      await revenueBy(db, 'main', 'ways', 365, 1_000n),
      await revenueBy(db, 'main', 'goods', 365, 1_000n),
    ]
    const counted = await look()
    expect((counted[0] as Series).total).toBeGreaterThan(1_000 * (PEOPLE - 50))
    // A few of all people came to the other bot.
    expect(counted[4]).toBe(PEOPLE + 2 - 5)
    // A run ends after the day with which it has counted enough rows.
    await countDays(db, 100)
    const [first] = await db.rows(q<{ days: bigint }>`select count(*) as days from counted_days`)
    expect(Number(first!.days)).toBeGreaterThan(1)
    expect(Number(first!.days)).toBeLessThan(6)
    // A run counts at most twelve of the 366 days.
    const countAll = async () => {
      for (let round = 0; round < 31; round++) await countDays(db)
    }
    await countAll()
    // Autovacuum would do this.
    await db.rows(q`analyze daily_totals, counted_days`)
    expect(await look()).toEqual(counted)
    // Each of the seven reads the totals of all days once at most, the conversion twice, and the counted days.
    // Without the totals it would read everybody and what they did.
    const [kept] = await db.rows(q<{ rows: number }>`select count(*)::int as rows from daily_totals`)
    expect(kept!.rows).toBeLessThan(366 * 18)
    expect(await rowsRead(db, look)).toBeLessThan(8 * (kept!.rows + 2 * 366))

    await db.rows(q`update payments set state = 'refunded' where id = 'load-2500'`)
    expect(await look()).toEqual(counted)
    await countAll()
    const [money, people, share] = await look()
    expect((counted[0] as Series).total - (money as Series).total).toBeCloseTo(1_000)
    expect(people).toEqual(counted[1])
    expect((share as Series).total).toBeLessThan((counted[2] as Series).total)
  })

  test('payments that wait for a human, and the story of a payment, are read without all others', async () => {
    await db.rows(q`update payments set suspended = 5, suspended_asset = 'TOK' where id = 'load-77'`)
    await db.rows(q`update payments set state = 'review' where id = 'load-78'`)
    const list = () => listPayments(db, { filter: 'attention', offset: 0, limit: 10 })
    expect((await list()).map(({ id }) => id)).toEqual(['load-78', 'load-77'])
    expect(await rowsRead(db, list)).toBeLessThan(500)
    expect(await rowsRead(db, () => paymentStory(db, 'load-79'))).toBeLessThan(500)
  })

  test('a list of the panel that is narrowed to few among many is read without the many, and has the same rows', async () => {
    const admin = {
      ...readerIn(loadTexts(), 'en'),
      app: {
        db,
        goods,
        bots: new Map([
          ['main', {}],
          ['second', {}],
        ]),
      },
      bot: { name: 'main' },
      role: 'owner',
      settingGroups: {},
    }
    // Half of all rows fit each filter and none fits both: judged by the frequencies alone, the planner would walk
    // down all moments.
    await db.rows(
      q`update payments set bot = 'second', provider = 'heleket' where substr(id, 6)::int % 2 = 0 and id like 'load-%'`,
    )
    await db.rows(
      q`update orders set bot = 'second', good = 'premium' where substr(id, 6)::int % 2 = 0 and id like 'load-%'`,
    )
    await db.rows(q`update bot_sessions set start_param = 'autumn' where person_id % 2 = 0`)
    await db.rows(q`update bot_sessions set blocked_at = case person_id % 2 when 1 then now() end`)
    await db.rows(q`vacuum analyze`)
    // The planner chooses as with tables that are too large to be read as a whole for fifty names.
    const ways = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']
    for (const way of ways) await db.rows({ text: `set ${way} = off`, values: [] })
    for (const [list, filters, sql] of LISTS) {
      const name = `${list} ${JSON.stringify(filters)}`
      const route = panelRoutes.find(({ path }) => path === `/lists/${list}`)!
      for (const served of [undefined, ['second', 'main']]) {
        const asked = { ...admin, served: async () => served } as never
        const read = (after?: string) => route.run(asked, { ...filters, after }) as Promise<ListAnswer>
        const order =
          list === 'audit'
            ? 'id desc'
            : list === 'people'
              ? 's.created_at desc, s.person_id desc'
              : 'created_at desc, id desc'
        const all = await db.rows<{ id: string }>({
          text: `select ${sql.replace('bot_sessions', list === 'people' && !sql.includes(' s ') ? 'bot_sessions s' : 'bot_sessions')} order by ${order} limit 100`,
          values: [],
        })
        const ids = all.map(({ id }) => String(id))
        const page = await read()
        expect(
          page.rows.map(({ id }) => id),
          name,
        ).toEqual(ids.slice(0, 50))
        expect(await rowsRead(db, read), name).toBeLessThan(1_000)
        if (page.next === null) continue
        expect(
          (await read(page.next)).rows.map(({ id }) => id),
          name,
        ).toEqual(ids.slice(50))
        expect(await rowsRead(db, () => read(page.next!)), name).toBeLessThan(1_000)
      }
    }
    for (const way of ways) await db.rows({ text: `reset ${way}`, values: [] })
  })

  test('orders of the reseller are counted to a thousand, and their newest are listed without the others', async () => {
    await db.rows(q`update orders set state = 'failed' where id in ('load-77', 'load-78')`)
    const count = () => countByState(db, STATES)
    expect(await count()).toEqual(
      new Map(STATES.map((state) => [state, { delivered: COUNTED + 1, failed: 2 }[state as 'failed'] ?? 0])),
    )
    expect(await rowsRead(db, count)).toBeLessThan(1_500)
    const list = (offset: number) => listByState(db, 'delivered', undefined, { offset, limit: 9 })
    expect(await rowsRead(db, () => list(0))).toBeLessThan(100)
    const [all, page] = [await list(0), await list(4)]
    expect(page.slice(0, 5)).toEqual(all.slice(4))
    expect(await listByState(db, 'failed', undefined, { offset: 0, limit: 9 })).toHaveLength(2)
    expect(await listByState(db, 'failed', ['other'], { offset: 0, limit: 9 })).toHaveLength(0)
  })

  test("an export goes to a person's sessions, wallets and attempts once for each line", async () => {
    for (const [kind, tables] of [
      ['people', ['bot_sessions', 'wallets']],
      ['orders', ['attempts']],
    ] as const) {
      const plan = await db.rows<{ 'QUERY PLAN': string }>({
        text: `explain ${exportQuery(kind, {})}`,
        values: [],
      })
      const lines = plan.map((row) => row['QUERY PLAN'])
      for (const table of tables) expect(lines.filter((line) => line.includes(`on ${table}`))).toHaveLength(1)
    }
  })

  test('the ledger is proven by what is new; a change of old rows by hand is found in the night, and stays found', async () => {
    const app = { db, log, metrics: createMetrics(), bots: new Map() } as never
    const asOwner = (statement: string) =>
      db.tx(async (tx) => {
        await tx.rows(q`set local session_replication_role = replica`)
        await tx.rows({ text: statement, values: [] })
      })
    const night = () =>
      db.rows(q`
      update cursors set updated_at = now() - interval '25 hours' where name = 'ledger proof of all'`)
    const ok = async () => {
      await proveAndTell(app)
      return (await lastProof(db))?.ok
    }
    expect(await rowsRead(db, ok)).toBeGreaterThan(4 * PEOPLE)
    await credit(db, 7n, 5n, 'new')
    expect(await rowsRead(db, ok)).toBeLessThan(1_000)
    expect(await ok()).toBe(true)

    // The balance of a person who got something is proven by all of their entries.
    await asOwner(`update entries set amount = amount + 1 where person_id = 7 and amount = 100`)
    expect(await ok()).toBe(false)
    await asOwner(`update entries set amount = amount - 1 where person_id = 7 and amount = 101`)
    expect(await ok()).toBe(true)

    await asOwner(`update wallets set available = available + 1 where person_id = 8`)
    expect(await ok()).toBe(true)
    await night()
    expect(await ok()).toBe(false)
    expect(await ok()).toBe(false)
    await asOwner(`update wallets set available = available - 1 where person_id = 8`)
    expect(await ok()).toBe(true)
    expect(await rowsRead(db, ok)).toBeLessThan(1_000)
  })

  /** Says what each statement reads. A transaction would keep its view of all rows from step to step. */
  const countingDb = (steps: number[]) =>
    Object.assign(Object.create(db) as Db, {
      tx: () => Promise.reject(new Error('no transaction here')),
      rows: async (query: Parameters<Db['rows']>[0]) => {
        let answer: unknown
        steps.push(await rowsRead(db, async () => (answer = await db.rows(query))))
        return answer as never
      },
    })

  test('what somebody put in and got out over ten thousand operations is added up by statements that read a thousand', async () => {
    const steps: number[] = []
    // A token is worth a rouble here.
    const economy = {
      usdtRub: 8_000n,
      tonRub: 20_000n,
      priceBuyRub: 100n,
      priceSellRub: 100n,
      starPriceRub: '1',
    }
    const settings = createSettings(db, { env: {}, economy } as never)
    const gains = await findGains({ db: countingDb(steps), settings, goods }, 100n, 1_000)
    const heavy = gains.find(({ personId }) => personId === HEAVY)
    expect(heavy?.got).toBe(BigInt(OPERATIONS / 2) * 6_000n)
    expect(heavy?.put).toBe((BigInt(OPERATIONS / 2) * 10n * 100n) / 10n ** BigInt(SCALES.TOK))
    // Each operation reads an entry of the index, a row, and the posting's entry and row.
    expect(Math.max(...steps)).toBeLessThan(5_000)
  })

  test('the whole ledger is proven in steps: none reads more than its part, and none is held for the next', async () => {
    const steps: number[] = []
    const proof = await prove(countingDb(steps), { postings: 500, persons: 500 })
    expect(proof).toMatchObject({ ok: true, of: 'all', unbalanced: [], wrongWallets: [], wrongHolds: [] })
    const [all] = await db.rows(q<{ postings: bigint; entries: bigint }>`
      select (select count(*) from postings) as postings, (select count(*) from entries) as entries`)
    expect(proof.postings).toBe(all!.postings)
    expect(steps.length).toBeGreaterThan(2 * (Number(all!.postings) / 500))
    // All that a person ever did belongs to one step: an entry of the index and a row each.
    expect(Number(all!.entries)).toBeGreaterThan(5 * OPERATIONS)
    expect(Math.max(...steps)).toBeLessThan(2.5 * OPERATIONS + 10_000)
  })

  test('new postings are followed without reading the old ones, whatever the planner last knew of the table', async () => {
    await db.rows(q`
      insert into postings (reference, kind, digest, created_at)
      select 'followed-' || n, 'adjustment', 'x', now() - interval '5 minutes' from generate_series(1, 500) n`)
    const app = { db, goods, settings: createSettings(db, { env: {} } as never) }
    await followLedger(app)
    for (const table of ['postings', 'followed_postings', 'follow_position'])
      await db.rows(q`select pg_clear_relation_stats('public', ${table})`)
    await db.rows(q`insert into postings (reference, kind, digest) values ('fresh', 'adjustment', 'x')`)
    expect(await rowsRead(db, () => followLedger(app))).toBeLessThan(5_000)
  })

  test('what bots gave away in a day is added up without reading what was sold in it', async () => {
    await db.rows(q`
      insert into postings (reference, kind, bot, details, digest)
      select 'sold-today-' || n, case n % 2 when 0 then 'stars' else 'payment' end, 'main',
        '{"provider": "stars"}', 'x' from generate_series(1, 4000) n`)
    await credit(db, HEAVY, 7n, 'given-today')
    await db.rows(q`analyze postings`)
    const [given] = await mintedByBot(db)
    expect(given).toMatchObject({
      bot: 'main',
      amount: expect.toSatisfy((sum: bigint) => sum >= 7n) as bigint,
    })
    expect(await rowsRead(db, () => mintedByBot(db))).toBeLessThan(1_000)
  })
})
