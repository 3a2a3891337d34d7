import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decideMoney, readPolicy } from '#shared/money/decisions.ts'
import type { DecisionPolicy, MoneyDecision } from '#shared/money/decisions.ts'
import { ASSETS } from '#shared/money.ts'
import { entryOf } from '#shared/settings/edit.ts'
import { createSettings } from '#shared/settings/settings.ts'
import {
  confirmAdjustment,
  decideAdjustment,
  draftAdjustment,
  waitingAdjustments,
} from '#shop/admin/adjustments.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import { tellTopic } from '#workers/bot/alerts.ts'
import { settingGroups } from '#shop/settings.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

const [ANNA, BORIS] = [901n, 902n]

describe('what one owner’s bots give away', () => {
  let shop: WalletShop
  let buyer: bigint
  let count = 0
  beforeAll(async () => {
    shop = await openWalletShop()
    buyer = await shop.person(1)
  })
  afterAll(() => shop.close())

  const decide = async (wanted: Partial<MoneyDecision>, limits: Partial<DecisionPolicy>) => {
    const policy = { ...(await readPolicy(shop, 'shop')), ...limits }
    return shop.db.tx((tx) =>
      decideMoney(tx, policy, {
        kind: 'adjustment',
        reference: `d-${count++}`,
        bot: 'shop',
        by: ANNA,
        personId: buyer,
        money: { asset: 'RUB', amount: 100n },
        ...wanted,
      }),
    )
  }

  test('F83 one owner’s bots give away a limited sum a day, by whichever means; more takes a yes of who serves all bots', async () => {
    const [OWN, CLARA] = [911n, 912n]
    await shop.db.rows(q`insert into bots (name, home) values ('project', 'second')`)
    const limits = { mintedPerDay: 1_000n, servesAll: async (_: unknown, who: bigint) => who === BORIS }
    const give = (bot: string, amount: bigint, wanted: Partial<MoneyDecision> = {}) =>
      decide({ kind: 'adjustment', bot, by: OWN, money: { asset: 'RUB', amount }, ...wanted }, limits)
    expect(await give('second', 400n)).toBe('done')
    expect(await give('project', 400n, { kind: 'promo' })).toBe('done')
    // An entry that takes money, gives it back or moves what was the buyer's own mints nothing.
    expect(await give('second', -5_000n)).toBe('done')
    expect(await give('second', 5_000n, { kind: 'refund' })).toBe('done')
    expect(await give('second', 5_000n, { kind: 'order', large: false })).toBe('done')
    // Money that was spent before it is given back has bought goods of another owner.
    const lost = { asset: 'RUB', amount: 201n } as const
    expect(await give('second', 5_000n, { kind: 'payback', lost })).toBe('second-needed')
    // The day of another owner is counted apart.
    expect(await give('shop', 900n)).toBe('done')
    for (const kind of ['adjustment', 'request', 'promo', 'credit', 'order'] as const) {
      const reference = `minted-${kind}`
      expect([kind, await give('second', 201n, { kind, reference })]).toEqual([kind, 'second-needed'])
      await expect(give('second', 201n, { kind, reference, by: CLARA })).rejects.toMatchObject({
        code: 'admin.minted',
      })
    }
    const called = await shop.db.rows(q<{ kind: string; bot: string }>`
      select params ->> 'kind' as kind, params ->> 'bot' as bot from alerts where topic = 'alert-decision-minted'`)
    expect(called.map(({ kind }) => kind).toSorted()).toEqual([
      'adjustment',
      'credit',
      'order',
      'payback',
      'promo',
      'request',
    ])
    expect(new Set(called.map(({ bot }) => bot))).toEqual(new Set(['second']))
    const last = { kind: 'promo', reference: 'minted-promo', by: BORIS } as const
    expect(await give('second', 201n, last)).toBe('done')
    // An admin who serves all bots cannot do it alone either.
    expect(await give('second', 1n, { by: BORIS, reference: 'minted-b' })).toBe('second-needed')
    expect(await give('second', 1n, { reference: 'minted-b' })).toBe('done')
    await shop.db.rows(q`update money_decisions set decided_at = decided_at - interval '25 hours'`)
    expect(await give('second', 1_000n)).toBe('done')
  })

  test('F83 two decisions at once do not both fit under what one owner’s bots give away', async () => {
    const limits = { mintedPerDay: 1_000n, servesAll: async () => false }
    await shop.db.rows(q`update money_decisions set decided_at = decided_at - interval '25 hours'`)
    const said = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        decide(
          {
            kind: 'adjustment',
            bot: 'second',
            by: 920n + BigInt(index),
            money: { asset: 'RUB', amount: 100n },
          },
          limits,
        ),
      ),
    )
    expect(said.filter((one) => one === 'done')).toHaveLength(10)
  })

  test('F83 an owner whose bot has rates of its own gives away no more than others: limits know one rate for all bots', async () => {
    const own = JSON.stringify(Object.fromEntries(ASSETS.map((asset) => [asset, '0.000000001'])))
    await shop.db.rows(q`insert into settings (bot, key, value) values ('second', 'exchange-rates', ${own})`)
    const app = { ...shop, settings: createSettings(shop.db, shop.config) }
    const policy = { ...(await readPolicy(app, 'second')), servesAll: async () => false }
    const ton = { asset: 'TON' as const, amount: 10n ** 15n }
    const give = {
      kind: 'adjustment',
      reference: 'own-rates',
      bot: 'second',
      personId: buyer,
      money: ton,
    } as const
    expect(await shop.db.tx((tx) => decideMoney(tx, policy, { ...give, by: ANNA }))).toBe('second-needed')
    await expect(shop.db.tx((tx) => decideMoney(tx, policy, { ...give, by: BORIS }))).rejects.toMatchObject({
      code: 'admin.minted',
    })
    expect(entryOf(settingGroups, 'exchange-rates').scopes).toEqual(['all'])
    await shop.db.rows(q`delete from settings where bot = 'second' and key = 'exchange-rates'`)
  })

  test('every setting that admins type can be kept and read again, limits of money among them', async () => {
    const settings = createSettings(shop.db, shop.config)
    const entries = Object.values(settingGroups).flat()
    for (const { type, scopes } of entries) {
      const bot = scopes.includes('all') ? '' : 'shop'
      const value = await settings.get(type, bot)
      if (value === undefined || value === null) continue
      const kept = shop.db.tx((tx) => settings.set(tx, type, { value, bot, by: ANNA }))
      await expect(kept, type.key).resolves.toBeUndefined()
      expect(await settings.get(type, bot), type.key).toEqual(value)
    }
    expect(entries.length).toBeGreaterThan(30)
    await shop.db.rows(q`delete from settings`)
  })

  test('F83 who serves two bots hears the alerts of both, those that are about both once', async () => {
    const bots = new Map(['shop', 'second'].map((name) => [name, { name, admins: [ANNA] }]))
    const said = { text: 'alert-ledger', params: {} }
    for (const [key, names] of [
      ['a', ['shop']],
      ['b', ['second']],
      ['c', ['shop', 'second']],
    ] as const)
      await shop.db.tx((tx) =>
        oweAdminAlert(
          tx,
          names.map((name) => ({ name })),
          { ...said, key },
        ),
      )
    await tellTopic({ ...shop, bots: bots as never }, 'alert-ledger')
    const told = await shop.db.rows(q`
      select payload ->> 'bot' as bot, coalesce(jsonb_array_length(payload -> 'list'), 1) as alerts
      from outbox where job = 'notice.send' and payload ->> 'personId' = '901' order by 1`)
    expect(told).toEqual([
      { bot: 'second', alerts: 1 },
      { bot: 'shop', alerts: 2 },
    ])
  })

  test('F83 a correction waits for who serves all bots, and the books name the bot whose admins made it', async () => {
    const draft = { bot: 'second', asset: 'RUB' as const, amount: 100n, reason: 'x', createdBy: ANNA }
    await shop.db.rows(q`update money_decisions set decided_at = decided_at - interval '25 hours'`)
    await shop.db.rows(q`insert into settings (bot, key, value) values ('', 'minted-per-day', '"150"')`)
    const app = { ...shop, settings: createSettings(shop.db, shop.config) }
    const confirm = async (id: string) => {
      await draftAdjustment(shop.db, { ...draft, id, personId: buyer })
      return (await confirmAdjustment(app, id, ANNA, 'second', async () => {})).state
    }
    expect(await confirm('minted-1')).toBe('done')
    expect(await confirm('minted-2')).toBe('waiting')
    await expect(decideAdjustment(app, 'minted-2', 912n, 'second', 'approve')).rejects.toMatchObject({
      code: 'admin.minted',
    })
    expect((await waitingAdjustments(shop.db, ['shop'])).map(({ id }) => id)).toEqual([])
    expect((await waitingAdjustments(shop.db, undefined)).map(({ id }) => id)).toEqual(['minted-2'])
    // An admin whom the settings of the deployment name for its first bot serves all bots.
    const config = { ...shop.config, bots: [{ name: 'shop', admins: [BORIS] }] } as never
    const theirs = { ...app, config }
    expect(await decideAdjustment(theirs, 'minted-2', BORIS, 'second', 'approve')).toMatchObject({
      state: 'done',
    })
    const books = await shop.db.rows(q`
      select e.system, sum(e.amount) as sum from entries e join postings p on p.id = e.posting_id
      where p.reference like 'adjustment-minted-%' and e.system is not null group by e.system`)
    expect(books).toEqual([{ system: 'adjustments:second', sum: '-200' }])
    await shop.db.rows(q`delete from settings where key = 'minted-per-day'`)
  })
})
