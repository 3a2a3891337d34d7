import { sql as q } from 'kysely'
import { expect, test } from 'vitest'
import { invite } from '#shop/loyalty/referrals/referrals.ts'
import { payDueRewards } from '#shop/loyalty/referrals/rewards.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { followLedger } from '#shop/loyalty/worker/follow-ledger.ts'
import { atEnd } from '../lib/at-end.ts'
import { openTestDb } from '../lib/database.ts'
import { rowsRead } from '../lib/rows-read.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'

let opened: ReturnType<typeof openWalletShop> | undefined
const open = () =>
  (opened ??= openWalletShop().then((shop) => {
    atEnd(() => shop.close())
    return shop
  }))

let people = 0
/** An inviter and a guest of theirs, and what the guest's payments brought the inviter so far, paid out or not. */
async function pair() {
  const shop = await open()
  const [inviter, guest] = [await shop.person(++people), await shop.person(++people)]
  await shop.db.tx((tx) => invite(tx, { personId: guest, inviterId: inviter, bot: 'shop' }))
  return {
    shop,
    inviter,
    guest,
    rewards: async () => {
      const [row] = await shop.db.rows(q<{ sum: bigint }>`
        select coalesce(sum(amount), 0)::bigint as sum from referral_rewards
        where inviter_id = ${inviter} and state in ('held', 'paid')`)
      return row!.sum
    },
  }
}

test('one more payment of a guest does not read those before it, so N payments cost N and not N²', async () => {
  const { shop, guest, rewards } = await pair()
  const db = await openTestDb(shop.url, { max: 1, name: 'one' })
  atEnd(() => db.close())
  const oneMore = async () => {
    await shop.pay(guest, 5n)
    const follow = () => followLedger({ db, settings: shop.settings, goods: shop.goods })
    // The follower also looks through its newest marks, up to a thousand, whoever paid.
    return await rowsRead(db, follow, ['entries'])
  }
  await shop.pay(guest, 5n)
  await shop.follow()
  const few = await oneMore()
  for (let payment = 0; payment < 200; payment++) await shop.pay(guest, 5n)
  await shop.follow()
  expect((await oneMore()) - few).toBeLessThan(50)
  // 203 payments of 5 tokens are 1,015, of which 10 % are 101 tokens and a half.
  expect(await rewards()).toBe(101n)
})

test('F64 payments that were followed before the sum was kept count, and a refund takes back the reward of its payment and no other', async () => {
  const { shop, guest, inviter, rewards } = await pair()
  const payments: string[] = []
  const pays = async (tokens: bigint) => {
    payments.push(await shop.pay(guest, tokens))
    await shop.follow()
  }
  for (const tokens of [7n, 7n]) await pays(tokens)
  expect(await rewards()).toBe(1n)
  // As a version of before leaves it.
  await shop.db.rows(q`delete from paid_by_guests where person_id = ${guest}`)
  await pays(96n)
  expect(await rewards()).toBe(11n)
  await shop.db.rows(q`update referral_rewards set due_at = now() where inviter_id = ${inviter}`)
  await payDueRewards(shop.db)
  expect(await shop.has(inviter)).toBe(11n)
  await shop.refund(guest, payments[2]!, 96n)
  await shop.follow()
  expect([await shop.has(inviter), await rewards()]).toEqual([1n, 1n])
  await pays(90n)
  expect(await rewards()).toBe(10n)
})

test('F64 payments of a time without rewards count for the rounding afterwards, each once, with followers that meet', async () => {
  const { shop, guest, rewards } = await pair()
  const set = (percents: number[]) =>
    shop.db.rows(q`
      insert into settings (bot, key, value) values ('', 'referral-percents', ${JSON.stringify(percents)}::jsonb)
      on conflict (bot, key) do update set value = excluded.value`)
  const follow = () =>
    followLedger({ db: shop.db, settings: createSettings(shop.db, shop.config), goods: shop.goods })
  await set([])
  await shop.pay(guest, 9n)
  await Promise.all([follow(), follow(), follow()])
  await follow()
  expect(await rewards()).toBe(0n)
  await set([10])
  await shop.pay(guest, 1n)
  await Promise.all([follow(), follow(), follow()])
  await follow()
  expect(await rewards()).toBe(1n)
})
