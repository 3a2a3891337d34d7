import { sql as q } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkLedger } from '../../bin/lib/checks.ts'
import { roleProblem } from '../../bin/lib/check-role.ts'
import { migrateShop } from '../../bin/lib/migrate-shop.ts'
import { audit } from '#shared/audit.ts'
import { decideMoney, readPolicy } from '#shared/money/decisions.ts'
import type { DecisionPolicy, MoneyDecision } from '#shared/money/decisions.ts'
import { proveAndTell } from '#shared/money/prove-ledger.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { prove, rememberProof } from '#shared/money/proof.ts'
import { ASSETS, SCALES } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { confirmAdjustment, draftAdjustment, needsSecond, readLimits } from '#shop/admin/adjustments.ts'
import { goods } from '#shop/goods.ts'
import { addCode, createCampaign, mostOf } from '#shop/loyalty/promo/campaigns.ts'
import { redeemPromo } from '#shop/loyalty/promo/promo.ts'
import { invite } from '#shop/loyalty/referrals/referrals.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

const [ANNA, BORIS] = [901n, 902n]

describe('decisions about money', () => {
  let shop: WalletShop
  let buyer: bigint
  let count = 0
  beforeAll(async () => {
    shop = await openWalletShop()
    for (const id of [ANNA, BORIS]) await shop.person(Number(id))
    buyer = await shop.person(1)
  })
  afterAll(() => shop.close())

  const decide = async (wanted: Partial<MoneyDecision>, limits: Partial<DecisionPolicy> = {}) => {
    const policy = { ...(await readPolicy(shop, 'shop')), ...limits }
    return shop.db.tx((tx) =>
      decideMoney(tx, policy, {
        kind: 'refund',
        reference: `d-${count++}`,
        bot: 'shop',
        by: ANNA,
        personId: buyer,
        money: { asset: 'RUB', amount: 100n },
        ...wanted,
      }),
    )
  }

  test('F84 nobody decides about himself or about whom he invited, over all levels, whatever the way', async () => {
    const [guest, further] = [await shop.person(11), await shop.person(12)]
    await shop.db.tx((tx) => invite(tx, { personId: guest, inviterId: ANNA, bot: 'shop' }))
    await shop.db.tx((tx) => invite(tx, { personId: further, inviterId: guest, bot: 'shop' }))
    for (const kind of ['adjustment', 'request', 'refund', 'payback', 'order'] as const) {
      await expect(decide({ kind, personId: ANNA })).rejects.toMatchObject({ code: 'admin.own-money' })
      await expect(decide({ kind, personId: guest })).rejects.toMatchObject({ code: 'admin.invited' })
      await expect(decide({ kind, personId: further })).rejects.toMatchObject({ code: 'admin.invited' })
      expect(await decide({ kind, personId: further, by: BORIS })).toBe('done')
    }
    await expect(decide({ by: BORIS, personId: guest, agreed: ANNA })).rejects.toMatchObject({
      code: 'admin.invited',
    })
  })

  test('F84 a decision holds for its own sum: another sum or asset needs a yes of its own, and can get one', async () => {
    const small = { reference: 'same-thing', money: { asset: 'RUB', amount: 100n } } as const
    const large = { ...small, money: { asset: 'RUB', amount: 10n ** 9n } } as const
    const tokens = { ...small, money: { asset: 'TOK', amount: 10n ** 7n } } as const
    expect(await decide(small)).toBe('done')
    expect(await decide(small)).toBe('done')
    expect(await decide(large)).toBe('second-needed')
    expect(await decide(tokens)).toBe('second-needed')
    expect(await decide({ ...tokens, by: BORIS })).toBe('done')
    const [kept] = await shop.db.rows(q`
      select asset, amount, admin_id as first, second_id as second from money_decisions where reference = 'same-thing'`)
    expect(kept).toEqual({ asset: 'TOK', amount: 10n ** 7n, first: ANNA, second: BORIS })
  })

  test('F84 every asset has a limit: a million of any needs a second admin', async () => {
    const limits = await readLimits(shop, 'shop')
    for (const asset of ASSETS) {
      const amount = 1_000_000n * 10n ** BigInt(SCALES[asset])
      expect([asset, needsSecond({ asset, amount }, limits)]).toEqual([asset, true])
      const alone = { money: { asset, amount } }
      expect([asset, await decide(alone, { perDay: 10n ** 18n })]).toEqual([asset, 'second-needed'])
    }
  })

  test('F84 a second yes is another admin’s, and the same decision is done once', async () => {
    const large = { reference: 'large', money: { asset: 'RUB' as Asset, amount: 1_000_001n } }
    expect(await decide(large)).toBe('second-needed')
    expect(await decide(large)).toBe('second-needed')
    expect(await decide({ ...large, by: BORIS })).toBe('done')
    expect(await decide(large)).toBe('done')
    const rows = await shop.db.rows(
      q`select admin_id as first, second_id as second from money_decisions where reference = 'large'`,
    )
    expect(rows).toEqual([{ first: ANNA, second: BORIS }])
  })

  test('F84 a yes to another sum, or of the day before, is a first one again', async () => {
    const rub = (amount: bigint, by: bigint, reference: string) =>
      decide({ reference, by, money: { asset: 'RUB', amount } })
    expect(await rub(2_000_000n, ANNA, 'grows')).toBe('second-needed')
    expect(await rub(3_000_000n, BORIS, 'grows')).toBe('second-needed')
    expect(await rub(3_000_000n, ANNA, 'grows')).toBe('done')
    expect(await rub(2_000_000n, ANNA, 'old')).toBe('second-needed')
    await shop.db.rows(q`
      update money_decisions set created_at = created_at - interval '25 hours' where reference = 'old'`)
    expect(await rub(2_000_000n, BORIS, 'old')).toBe('second-needed')
    expect(await rub(2_000_000n, ANNA, 'old')).toBe('done')
  })

  test('F84 one admin’s 24 hours have one sum over all kinds and assets, also for two decisions at once', async () => {
    const by = 903n
    const kinds = ['adjustment', 'request', 'promo', 'refund', 'payback', 'order'] as const
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, (_, index) => {
        const money =
          index % 2 === 0
            ? { asset: 'RUB' as const, amount: 1_000_000n }
            : { asset: 'TOK' as const, amount: 1_000n }
        return decide({ by, kind: kinds[index % kinds.length]!, money })
      }),
    )
    const said = outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason))
    expect(said.filter((one) => one === 'done')).toHaveLength(20)
    expect(said.filter((one) => one === 'second-needed')).toHaveLength(10)
    await shop.db.rows(q`update money_decisions set decided_at = decided_at - interval '25 hours'`)
    expect(await decide({ by })).toBe('done')
  })

  test('F84 a correction of one’s own balance moves nothing', async () => {
    const draft = { id: 'own', bot: 'shop', asset: 'TON' as const, amount: 1n, reason: 'x', createdBy: ANNA }
    await draftAdjustment(shop.db, { ...draft, personId: ANNA })
    await expect(confirmAdjustment(shop, 'own', ANNA, 'shop', async () => {})).rejects.toMatchObject({
      code: 'admin.own-money',
    })
    expect(await shop.has(ANNA, 'TON')).toBe(0n)
  })

  test('F84 a code gives nothing to its maker and those he invited, and counts with all its uses', async () => {
    const id = await createCampaign(shop.db, {
      name: 'rich',
      kind: 'amount',
      value: 50_000n,
      asset: 'RUB',
      createdBy: ANNA,
    })
    const code = await addCode(shop.db, id, 'RICH', 20)
    expect(await mostOf(shop.db, id, 1_000_000n, goods)).toEqual({
      money: { asset: 'RUB', amount: 1_000_000n },
    })
    const redeem = (personId: bigint) => shop.db.tx((tx) => redeemPromo(tx, { code, personId, bot: 'shop' }))
    await expect(redeem(ANNA)).rejects.toMatchObject({ code: 'promo.own' })
    await expect(redeem(11n)).rejects.toMatchObject({ code: 'promo.own' })
    const half = { name: 'half', kind: 'discount', value: 50n, product: 'any', createdBy: ANNA } as const
    const off = await addCode(shop.db, await createCampaign(shop.db, half), 'HALF', 5)
    await expect(
      shop.db.tx((tx) => redeemPromo(tx, { code: off, personId: ANNA, bot: 'shop' })),
    ).rejects.toMatchObject({ code: 'promo.own' })
    await redeem(buyer)
    expect(await mostOf(shop.db, id, 1_000_000n, goods)).toEqual({
      money: { asset: 'RUB', amount: 1_000_000n },
    })
    const endless = await createCampaign(shop.db, {
      name: 'endless',
      kind: 'percent',
      value: 5n,
      createdBy: ANNA,
    })
    await addCode(shop.db, endless, 'ENDLESS', 1)
    expect((await mostOf(shop.db, endless, 1_000_000n, goods))!.money.amount).toBe(50_000n)
  })

  test('F84 days of a plan that is sold for Stars alone are worth its Stars', async () => {
    await shop.db.rows(q`insert into plans (code, name, days, price_stars) values ('starry', '{}', 30, 600)`)
    const days = { name: 'days', kind: 'days', plan: 'starry', value: 10n, createdBy: ANNA } as const
    const id = await createCampaign(shop.db, days)
    await addCode(shop.db, id, 'STARRY', 1_000)
    expect(await mostOf(shop.db, id, 1_000_000n, goods)).toEqual({
      money: { asset: 'XTR', amount: 200_000n },
    })
  })
})

describe('the chain of the audit log', () => {
  let shop: WalletShop
  let ids: bigint[]
  const line = (target: string) =>
    shop.db.tx((tx) => audit(tx, { actor: 1n, action: 'test', target, details: { sum: '1.50', who: 'Ёж' } }))
  beforeAll(async () => {
    shop = await openWalletShop()
    // Lines that were written before there was a chain.
    await shop.db.rows(q`alter table audit_log disable trigger audit_log_chain`)
    await line('old')
    await shop.db.rows(q`alter table audit_log enable trigger audit_log_chain`)
    await Promise.all(Array.from({ length: 12 }, (_, index) => line(`t${index}`)))
    const proof = await prove(shop.db)
    expect(proof).toMatchObject({ ok: true, wrongLines: [] })
    await rememberProof(shop.db, proof)
    ids = (await shop.db.rows(q<{ id: bigint }>`select line_id as id from audit_chain order by number`)).map(
      ({ id }) => id,
    )
    expect(ids).toHaveLength(12)
  })
  afterAll(() => shop.close())

  /** What the proof says after a superuser's change, which is undone afterwards. */
  async function broken(...changes: ReturnType<typeof q>[]): Promise<bigint[]> {
    const tables = ['audit_log', 'audit_chain']
    for (const table of tables) await shop.db.rows(q.raw(`alter table ${table} disable trigger all`))
    for (const table of tables)
      await shop.db.rows(q.raw(`create table kept_${table} as select * from ${table}`))
    for (const change of changes) await shop.db.rows(change)
    const { ok, wrongLines } = await prove(shop.db)
    for (const table of tables) {
      await shop.db.rows(q.raw(`delete from ${table}`))
      await shop.db.rows(q.raw(`insert into ${table} overriding system value select * from kept_${table}`))
      await shop.db.rows(q.raw(`drop table kept_${table}`))
      await shop.db.rows(q.raw(`alter table ${table} enable trigger all`))
    }
    expect(ok).toBe(true)
    expect(await prove(shop.db)).toMatchObject({ ok: true, wrongLines: [] })
    return wrongLines
  }

  test('F84 the proof names a line that was changed, in each of its columns', async () => {
    const fifth = ids[4]!
    for (const set of [
      q`target = 'other'`,
      q`action = 'other'`,
      q`actor_id = 2`,
      q`actor_id = null`,
      q`bot = ''`,
      q`at = at + interval '1 microsecond'`,
      q`details = details || '{"sum": "1.51"}'`,
    ])
      expect(await broken(q`update audit_log set ${set} where id = ${fifth}`)).toEqual([fifth])
  })

  test('F84 the proof names a line that was taken out, put in or cut off, with or without its link of the chain', async () => {
    const [first, second, third, last] = [ids[0]!, ids[1]!, ids[2]!, ids.at(-1)!]
    expect(await broken(q`delete from audit_log where id = ${second}`)).toEqual([second])
    const link = (id: bigint) => q`delete from audit_chain where line_id = ${id}`
    expect(new Set(await broken(link(second)))).toEqual(new Set([second, third]))
    for (const [gone, named] of [
      [first, second],
      [second, third],
      [last, last],
    ] as const)
      expect(await broken(q`delete from audit_log where id = ${gone}`, link(gone))).toContain(named)
    expect(await broken(q`delete from audit_log`, q`delete from audit_chain`)).toEqual([last])
    const [put] = [q`insert into audit_log (action, target) values ('made', 'up')`]
    expect(await broken(put!)).toHaveLength(1)
    expect(
      await broken(put!, q`insert into audit_chain select 13, max(id), 'made up' from audit_log`),
    ).toHaveLength(1)
    expect(new Set(await broken(q`update audit_chain set hash = 'other' where line_id = ${second}`))).toEqual(
      new Set([second, third]),
    )
  })

  test('F84 six processes that write at once make one chain, and a line that is not kept leaves no hole', async () => {
    const others = await Promise.all(
      Array.from({ length: 6 }, (_, index) => openTestDb(shop.url, { max: 3, name: `writer-${index}` })),
    )
    const before = (await shop.db.rows(q`select 1 from audit_chain`)).length
    await Promise.all(
      others.flatMap((db, who) =>
        Array.from({ length: 40 }, async (_, index) => {
          const work = db.tx(async (tx) => {
            const write = (target: string) => audit(tx, { actor: BigInt(who), action: 'race', target })
            await write(`${index} a`)
            if (index % 5 === 0) throw new Error('changed my mind')
            // After the line a wallet that others hold is locked. Nobody may wait for a lock while holding the
            // lock of the chain.
            await tx.rows(q`select pg_advisory_xact_lock(${index % 3})`)
            await write(`${index} b`)
          })
          await work.catch((error: Error) => expect(error.message).toBe('changed my mind'))
        }),
      ),
    )
    expect(await shop.db.rows(q`select 1 from audit_chain`)).toHaveLength(before + 6 * 32 * 2)
    const numbers = await shop.db.rows(
      q<{ most: bigint; all: bigint }>`select max(number) as most, count(*) as all from audit_chain`,
    )
    expect(numbers[0]!.most).toBe(numbers[0]!.all)
    expect(await prove(shop.db)).toMatchObject({ ok: true, wrongLines: [] })
    for (const db of others) await db.close()
  })

  test('F84 a transaction that has written a line and waits for something keeps no other from committing its own', async () => {
    await shop.db.tx(async (tx) => {
      await audit(tx, { actor: 1n, action: 'slow', target: 'x' })
      await line('quick')
      const rows = await shop.db.rows(q`select 1 from audit_log where target = 'quick'`)
      expect(rows).toHaveLength(1)
    })
    expect(await prove(shop.db)).toMatchObject({ ok: true, wrongLines: [] })
  })

  test('F84 admins and the doctor hear of a changed line until the operator has looked into it', async () => {
    const [third] = [ids[2]!]
    await shop.db.rows(q`alter table audit_log disable trigger all`)
    await shop.db.rows(q`update audit_log set target = 'other' where id = ${third}`)
    await shop.db.rows(q`alter table audit_log enable trigger all`)
    const bots = new Map([['shop', { name: 'shop' }]]) as never
    const app = {
      db: shop.db,
      bots,
      log: createLog({ level: 'silent', name: 'x' }),
      metrics: createMetrics(),
    }
    for (const _night of [1, 2]) {
      await shop.db.rows(q`delete from cursors where name = 'ledger proof of all'`)
      await proveAndTell(app)
    }
    const figure = async () => (await app.metrics.auditWrongLines.get()).values[0]!.value
    expect(await figure()).toBe(1)
    // The proof of new lines looks at no old line, and takes no finding back.
    await shop.db.rows(q`update cursors set updated_at = now() where name = 'ledger proof of all'`)
    await proveAndTell(app)
    expect(await figure()).toBe(1)
    const alerts = await shop.db.rows(q`select topic, params ->> 'lines' as lines from alerts`)
    expect(alerts).toEqual([{ topic: 'alert-audit-log', lines: String(third) }])
    const audit = async () => (await checkLedger(shop.db)).find(({ check }) => check === 'audit log')
    expect(await audit()).toMatchObject({ level: 'fail', says: expect.stringContaining(String(third)) })
    await shop.db.rows(q`insert into cursors (name, value) values ('audit lines known', ${`999,${third}`})`)
    expect(await audit()).toMatchObject({ level: 'ok' })
    expect(await prove(shop.db)).toMatchObject({ ok: true, wrongLines: [] })
  })
})

test('F84 the role of the shop reads and writes rows, and cannot touch the triggers; an owner is told so', async () => {
  const database = await createDatabase()
  const role = `app_${process.pid}_${Date.now()}`
  const admin = new pg.Client({ connectionString: database.url })
  await admin.connect()
  const url = new URL(database.url)
  url.username = role
  url.password = 'app'
  try {
    expect(await roleProblem(database.url)).toMatch(/superuser|owns the tables/)
    const migrateDatabaseUrl = database.url
    expect(await migrateShop({ databaseUrl: url.href, migrateDatabaseUrl })).toEqual({
      applied: [],
      granted: role,
    })
    expect(await migrateShop({ databaseUrl: url.href, migrateDatabaseUrl })).toMatchObject({ granted: role })
    expect(await migrateShop({ databaseUrl: database.url, migrateDatabaseUrl })).toEqual({ applied: [] })
    expect(await roleProblem(url.href)).toBeUndefined()
    const app = new pg.Client({ connectionString: url.href })
    await app.connect()
    const says = (text: string) =>
      app.query(text).then(
        () => 'done',
        (error: { code: string }) => error.code,
      )
    expect(await says(`insert into audit_log (action, target) values ('a', 'b')`)).toBe('done')
    expect(await says('alter table audit_log disable trigger all')).toBe('42501')
    expect(await says('set session_replication_role = replica')).toBe('42501')
    expect(await says('drop trigger audit_log_append_only on audit_log')).toBe('42501')
    expect(await says('truncate entries')).toBe('42501')
    expect(await says('delete from audit_log')).toBe('23001')
    expect(await says(`insert into audit_chain values (2, 2, 'x')`)).toBe('42501')
    expect((await app.query('select number, line_id from audit_chain')).rows).toEqual([
      { number: '1', line_id: '1' },
    ])
    // The relations that the nightly dump reads. The dump is made under this role.
    const { rows: relations } = await app.query<{ name: string; kind: string }>(
      `select quote_ident(relname) as name, relkind as kind from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'S')`,
    )
    expect(relations.length).toBeGreaterThan(60)
    for (const { name, kind } of relations) {
      const read = kind === 'r' ? `lock table ${name} in access share mode` : `select last_value from ${name}`
      await app.query('begin')
      expect([name, await says(read)]).toEqual([name, 'done'])
      await app.query('rollback')
    }
    await app.end()
  } finally {
    await admin.query(`drop owned by ${role}`)
    await admin.query(`drop role ${role}`)
    await admin.end()
    await database.drop()
  }
})
