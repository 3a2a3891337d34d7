import { goods } from '#shop/goods.ts'
import { discountedEntries } from '#shop/loyalty/promo/bonus.ts'
import { describe, expect, test } from 'vitest'
import type { Campaign } from '#shop/loyalty/promo/promo.ts'
import { readCampaign, writeLimits } from '#shop/loyalty/promo/line.ts'

const NOW = new Date('2027-02-10T12:00:00Z')
const read = (line: string) => readCampaign(line, 1n, discountedEntries(goods), NOW)

describe('a promo campaign in one line', () => {
  test('days are whole days of Moscow, the last one included, leap years too', () => {
    const { campaign } = read('percent 20 SPRING 100 from=2027-12-31 until=2028-02-29')
    expect(campaign).toMatchObject({
      startsAt: new Date('2027-12-30T21:00:00Z'),
      endsAt: new Date('2028-02-29T21:00:00Z'),
    })
    expect(read('tokens 5 TODAY 1 until=2027-02-10').campaign.endsAt).toEqual(
      new Date('2027-02-10T21:00:00Z'),
    )
  })

  test('bounds are sums of the currency that is topped up, and the limits are written as they were typed', () => {
    const limits = 'asset=EUR per=3 first=yes min=12.50 max=100.00 from=2027-03-01 until=2027-03-31'
    const { campaign } = read(`percent 20 SPRING 100 ${limits}`)
    expect(campaign).toMatchObject({ asset: 'EUR', minimum: 1_250n, maximumBonus: 10_000n, perPerson: 3 })
    const kept = { ...campaign, product: null, plan: null, bot: null } as unknown as Campaign
    expect(writeLimits(kept)).toBe(limits)
    expect(read('percent 20 SPRING 100 min=50').campaign).toMatchObject({ asset: 'TOK', minimum: 50n })
    expect(read('percent 20 SPRING').campaign).toMatchObject({ asset: undefined, perPerson: 1 })
  })

  test('F84 a discount has a most, in the currency that its purchases are paid in', () => {
    const { campaign } = read('discount 100 FREE 5 product=item max=200')
    expect(campaign).toMatchObject({ asset: 'TOK', product: 'item', maximumBonus: 200n })
    const limits = 'asset=RUB product=stars max=99.50'
    const paid = read(`discount 50 HALF 5 ${limits}`).campaign
    expect(paid).toMatchObject({ asset: 'RUB', maximumBonus: 9_950n })
    const kept = { ...paid, plan: null, bot: null, minimum: 0n } as unknown as Campaign
    expect(writeLimits(kept)).toBe(limits)
    expect(read('discount 50 HALF 5 product=any').campaign).toMatchObject({ asset: undefined })
  })

  test.each([
    'percent 20 SPRING 100 untill=2027-03-01',
    'percent 20 SPRING 100 until=2027-02-30',
    'percent 20 SPRING 100 until=01.03.2027',
    'percent 20 SPRING 100 until=2027-02-09',
    'percent 20 SPRING 100 until=2027-03-01 until=2027-04-01',
    'percent 20 SPRING 100 from=2027-04-02 until=2027-04-01',
    'percent 20 SPRING 100 first=true',
    'percent 20 SPRING 100 per=0',
    'percent 20 SPRING 100 once',
    'percent 20 SPRING 100 plan=plus',
    'percent 20 SPRING 100 min=0',
    'percent 101 SPRING 100',
    'tokens 10 HELLO 5 asset=EUR',
    'tokens 10 HELLO 5 min=5',
    'discount 10 HELLO 5 product=anything',
    'discount 10 HELLO 5 product=item max=0',
    'discount 10 HELLO 5 product=item min=5',
    'discount 10 HELLO 5 product=item asset=RUB',
    'days 5 HELLO 5 plan=plus max=5',
    'days 4000 LONG 5 plan=plus',
    'amount 5 GIFT 5',
    'tokens 0 NOTHING 5',
    'tokens 10 *0 5',
    'tokens 10 HELLO 5 __proto__=1',
  ])('%s is not understood rather than half understood', (line) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ code: 'promo.line' }) as Error)
  })
})
