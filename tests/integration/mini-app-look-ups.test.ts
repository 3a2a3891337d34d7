import { beforeAll, describe, expect, test } from 'vitest'
import { startFragment } from '../../sandbox/fragment/server.ts'
import { eventually } from '../lib/eventually.ts'
import { guestsOf, refused } from '../lib/mini-app.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { openShop } from '../lib/shop.ts'

describe.skipIf(!redisAvailable())('what one person may make the Mini App ask outside', () => {
  let fragment: Awaited<ReturnType<typeof startFragment>>
  let { guest } = {} as ReturnType<typeof guestsOf>
  beforeAll(async () => {
    fragment = await startFragment({ settings: { walletTon: '1000000' } })
    const { apiKey, phoneNumber, mnemonics } = fragment.state.settings
    const shop = await openShop({
      env: {
        FRAGMENT_API_URL: fragment.url,
        FRAGMENT_API_KEY: apiKey,
        FRAGMENT_PHONE_NUMBER: phoneNumber,
        FRAGMENT_MNEMONICS: mnemonics.join(' '),
      },
    })
    shop.onClose(() => fragment.close())
    ;({ guest } = guestsOf(shop))
  })

  const lookUps = (name = '') => fragment.state.requests.filter(({ path }) => path.includes(`/user/${name}`))
  const tenOf = (first: string) => Array.from({ length: 10 }, (_, at) => `@${first}_${at}`).join(' ')
  const draft = (who: Awaited<ReturnType<typeof guest>>, names: string) =>
    who.ask('POST', '/drafts', { kind: 'stars', count: 50, names })

  test('F73 a person who looks up ever new names is asked to wait in words, and others go on', async () => {
    const [fast, slow] = [await guest({ language_code: 'ru' }), await guest()]
    const all = await Promise.all(Array.from({ length: 12 }, (_, at) => draft(fast, tenOf(`fast_${at}`))))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(6)
    const late = all.find(({ status }) => status !== 200)!
    expect(late).toMatchObject(refused(429, 'recipient.often'))
    expect(late.body['detail']).toMatch(/слишком много имён\. Повторите через \d+ с/)
    expect(lookUps('fast_')).toHaveLength(60)
    expect((await draft(slow, '@slow_one')).status).toBe(200)
    expect((await fast.ask('GET', '/home')).status).toBe(200)
  })

  test('F73 a draft that is confirmed again and again is looked up within the same bound', async () => {
    const one = await guest()
    const { body } = await draft(one, tenOf('again'))
    const pay = () => one.ask('POST', `/orders/${body['id']}/pay`, { currency: 'RUB' })
    const all: number[] = []
    // One after another: what is under way at once is one look-up anyway.
    for (let time = 0; time < 7; time++) all.push((await pay()).status)
    expect(all).toEqual([200, 200, 200, 200, 200, 429, 429])
    expect(lookUps('again_')).toHaveLength(60)
  })

  test('F73 a name that is being looked up is not asked about a second time', async () => {
    const [one, other] = [await guest(), await guest()]
    fragment.state.faults.push({
      on: 'user',
      username: 'the_same',
      what: { kind: 'delay-before', ms: 3_000 },
    })
    const first = draft(one, '@the_same')
    await eventually(() => lookUps('the_same').length === 1, { what: 'the look-up is under way' })
    const all = await Promise.all([first, draft(one, '@the_same'), draft(other, '@the_same')])
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(lookUps('the_same')).toHaveLength(1)
    // What is over is not remembered: the name may belong to somebody else by now.
    expect((await draft(one, '@the_same')).status).toBe(200)
    expect(lookUps('the_same')).toHaveLength(2)
  })

  test('F73 invoices are asked of Telegram as often as a person may write to the bot, and reading goes on', async () => {
    const one = await guest()
    const [pack] = (await one.ask('GET', '/home')).body['packs'] as { tokens: number; rate: number }[]
    const all = await Promise.all(
      Array.from({ length: 25 }, (_, at) =>
        one.ask('POST', '/packs', { ...pack, draft: `draftnumber${String(at).padStart(4, '0')}` }),
      ),
    )
    expect(all.filter(({ status }) => status === 200)).toHaveLength(20)
    expect(all.find(({ status }) => status !== 200)).toMatchObject(refused(429, 'web.often'))
    expect((await one.ask('GET', '/home')).status).toBe(200)
  })
})
