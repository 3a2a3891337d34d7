import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { readBalance } from '#shared/money/read.ts'
import { starPrice, starsPerToken } from '#shared/settings/economy.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { picturePrices } from '#shop/pictures/settings.ts'
import { premiumPrices, premiumWay, resellerTerms } from '#shop/stars-premium/settings.ts'
import { setFile } from '#shop/shelf/files.ts'
import { answersOf } from '#shop/shelf/service-rows.ts'
import { repository } from '../lib/compose.ts'
import { eventually } from '../lib/eventually.ts'
import { give } from '../lib/give.ts'
import { guestsOf, refused } from '../lib/mini-app.ts'
import { localServer } from '../lib/local-server.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { ASKS, shelfOf } from '../lib/shelf.ts'
import { ADMIN, openShop, TOKENS } from '../lib/shop.ts'
import { draftStars } from '../lib/stars-order.ts'

const PNG = new Uint8Array(readFileSync(join(repository, 'docs/screenshots/mini-app-home-light.png')))

describe.skipIf(!redisAvailable())('own goods and photos on the Mini App', () => {
  const asked: string[] = []
  const pictures = localServer(({ url = '' }, response) => {
    asked.push(url)
    if (url === '/large') return void response.end(Buffer.concat([PNG, Buffer.alloc(6_000_000)]))
    response.end(url === '/png' ? PNG : '<svg onload="alert(1)"/>')
  })
  let shop: Awaited<ReturnType<typeof openShop>>
  let { guest } = {} as ReturnType<typeof guestsOf>
  beforeAll(async () => {
    // Never asked: only what comes before the provider's answer is tried here.
    const provider = { IMAGE_API_URL: 'http://127.0.0.1:9', IMAGE_API_TOKEN: 'token' }
    shop = await openShop({ env: { PUBLIC_URL: 'https://shop.example', ...provider } })
    const ways = { value: 'bot-stars' as const, by: BigInt(ADMIN) }
    await createSettings(shop.db, shop.config).set(shop.db, premiumWay, ways)
    ;({ guest } = guestsOf(shop))
  })

  test('F60 own goods: what was bought is shown to its buyer alone, a press that repeats itself buys once, other terms are shown anew', async () => {
    const shelf = await shelfOf(shop)
    const id = await shelf.item({ name: { ru: 'Ключ', en: 'Steam key' }, price: 500n }, ['KEY-A', 'KEY-B'])
    const one = await guest()
    await shelf.give(BigInt(one.id), 2_000n)
    const at = `/items/${id}`
    expect((await one.ask('GET', '/shelf?word=steam')).body['items']).toMatchObject([{ name: 'Steam key' }])
    const { terms, sum } = (await one.ask('GET', at)).body
    expect(sum).toBe('₽5')
    const buy = (more: object = {}) => one.ask('POST', `${at}/buy`, { terms, draft: 'abcdefgh12', ...more })
    expect(await buy({ terms: 'none' })).toMatchObject(refused(422, 'item.changed'))
    const both = await Promise.all([buy(), buy()])
    expect(both.map(({ body }) => body)).toEqual([1, 2].map(() => ({ id: both[0].body['id'], waits: false })))
    const mine = `/purchases/${both[0].body['id']}`
    expect((await one.ask('GET', mine)).body).toMatchObject({ state: 'delivered', content: 'KEY-A' })
    expect((await one.ask('GET', '/purchases')).body['purchases']).toHaveLength(1)
    // The chat hears of it and opens it.
    await one.hears('you bought it in the shop')
    await one.press('See the purchase')
    await one.hears('KEY-A')
    // A gift belongs to whoever opens its link.
    const gift = await buy({ gift: true })
    expect((await one.ask('GET', `/purchases/${gift.body['id']}`)).body).toMatchObject({
      content: null,
      link: expect.stringContaining('start=gift_') as string,
    })
    expect((await one.ask('GET', at)).body).toMatchObject({ sum: null, gift: false })
    expect(await buy({ draft: 'abcdefgh34' })).toMatchObject(refused(422, 'item.sold-out'))
    await shop.db.rows(q`update shelf_items set bots = '{second}' where id = ${id}`)
    expect(await one.ask('GET', at)).toMatchObject(refused(422, 'item.gone'))
    expect(await shop.db.rows(q`select from orders where person_id = ${one.id}`)).toHaveLength(2)
  })

  test('a file that was bought is saved by its buyer alone and never shown, and one that cannot be fetched is told where it is', async () => {
    const shelf = await shelfOf(shop)
    const bytes = '<script>alert(1)</script>'
    const [one, other] = [await guest(), await guest()]
    const sent = new FormData()
    sent.set('chat_id', String(other.id))
    sent.set('document', new Blob([bytes]), 'x')
    const call = await fetch(`${shop.telegram.url}/bot${TOKENS.main}/sendDocument`, {
      method: 'POST',
      body: sent,
    })
    const { result } = (await call.json()) as { result: { document: { file_id: string } } }
    const id = await shelf.item({ kind: 'file', name: { ru: 'Книга', en: 'Book' } })
    const name = 'Книга (1)\'".html'
    const file = { type: 'document', fileId: result.document.file_id, name, size: bytes.length } as const
    const set = (more: Partial<typeof file> | { size: number } = {}) =>
      shop.db.tx((tx) => setFile(tx, { itemId: id, bot: 'main' }, { ...file, ...more }))
    await set()
    await shelf.give(BigInt(one.id), 1_000n)
    const wish = shelf.wish(BigInt(one.id), id, { id: newId(), bot: 'main' })
    await shelf.buy(wish)
    const at = `/purchases/${wish.id}`
    expect((await one.ask('GET', at)).body).toMatchObject({ file: name, content: null, takesBack: null })
    const load = () =>
      fetch(`${shop.url}/app/api${at}/file`, { headers: { authorization: `Bearer ${one.key}` } })
    const saved = await load()
    expect([saved.status, await saved.text()]).toEqual([200, bytes])
    const { headers } = saved
    expect(headers.get('content-type')).toBe('application/octet-stream')
    expect(headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''%D0%9A%D0%BD%D0%B8%D0%B3%D0%B0%20%281%29%27%22.html",
    )
    expect([headers.get('x-content-type-options'), headers.get('content-security-policy')]).toEqual([
      'nosniff',
      "default-src 'none'; sandbox",
    ])
    expect(await other.ask('GET', `${at}/file`)).toMatchObject(refused(404, 'web.unknown'))
    // Telegram gives bots files of up to 20 MB, and knows no file of this number.
    for (const more of [{ size: 21 * 1024 * 1024 }, { fileId: 'gone' }]) {
      await set(more)
      expect(await one.ask('GET', `${at}/file`)).toMatchObject(refused(422, 'web.file-in-chat'))
    }
    await set({ size: 21 * 1024 * 1024 })
    expect((await one.ask('GET', at)).body['file']).toBeNull()
  })

  test('F69 the picture of an item is fetched by the shop, once for all who look; what is no picture, or no public address, is not handed on', async () => {
    const shelf = await shelfOf(shop)
    const id = await shelf.item({}, ['KEY-P'])
    const one = await guest()
    const at = `/items/${id}`
    const stands = (address: string | null) =>
      shop.db.rows(q`update shelf_items set picture = ${address} where id = ${id}`)
    const load = async () => {
      const headers = { authorization: `Bearer ${one.key}` }
      const { status, headers: got } = await fetch(`${shop.url}/app/api${at}/picture`, { headers })
      return [status, got.get('content-type')]
    }
    expect((await one.ask('GET', at)).body['hasPicture']).toBe(false)
    expect(await one.ask('GET', `${at}/picture`)).toMatchObject(refused(404, 'web.unknown'))
    await stands(`${pictures()}/png`)
    expect((await one.ask('GET', at)).body['hasPicture']).toBe(true)
    expect(await load()).toEqual([200, 'image/png'])
    expect(await load()).toEqual([200, 'image/png'])
    expect(asked).toEqual(['/png'])
    for (const address of [`${pictures()}/page`, `${pictures()}/large`, 'https://10.0.0.1/png']) {
      await stands(address)
      expect(await one.ask('GET', `${at}/picture`), address).toMatchObject(refused(404, 'web.unknown'))
    }
    await stands(`${pictures()}/png`)
    await shop.db.rows(q`update shelf_items set retired = true where id = ${id}`)
    expect(await one.ask('GET', `${at}/picture`)).toMatchObject(refused(422, 'item.gone'))
  })

  test('F125 a gift is taken back on its page by its buyer alone, once, and its money returns', async () => {
    const shelf = await shelfOf(shop)
    const id = await shelf.item({}, ['KEY-G'])
    const [one, other] = [await guest(), await guest()]
    await shelf.give(BigInt(one.id), 500n)
    const wish = shelf.wish(BigInt(one.id), id, { id: newId(), bot: 'main', gift: 30 })
    await shelf.buy(wish)
    const at = `/purchases/${wish.id}`
    expect((await one.ask('GET', at)).body['takesBack']).toMatch(/₽5 returns to your balance/)
    expect(await other.ask('POST', `${at}/back`)).toMatchObject(refused(404, 'web.unknown'))
    const both = await Promise.all([1, 2].map(() => one.ask('POST', `${at}/back`)))
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 422])
    expect((await one.ask('GET', at)).body).toMatchObject({ state: 'failed', link: null, takesBack: null })
    expect(await readBalance(shop.db, BigInt(one.id), 'RUB')).toMatchObject({ available: 500n, held: 0n })
  })

  test('a service asks its buyer on the page, and what the balance lacks is waited for', async () => {
    const shelf = await shelfOf(shop)
    const asks = [...ASKS, { type: 'photo' as const, name: { ru: 'Экран', en: 'Screen' } }]
    const name = { ru: 'Прокачка', en: 'Boost' }
    const id = await shelf.item({ kind: 'service', name, price: 500n, terms: { hours: 24, asks } })
    const [one, other] = [await guest(), await guest()]
    const { terms, asks: asked } = (await one.ask('GET', `/items/${id}`)).body
    expect(asked).toMatchObject([{ type: 'text' }, { options: ['EU', 'US'] }, { type: 'photo' }])
    const send = (who: typeof one, bytes: Uint8Array<ArrayBuffer>) => who.upload(`/items/${id}/photo`, bytes)
    const page = new TextEncoder().encode('%PDF-1.7 a page')
    expect(await send(one, page)).toMatchObject({ status: 422, body: { code: 'web.photo-file' } })
    const [photo, theirs] = await Promise.all(
      [one, other].map(async (who) => (await send(who, PNG)).body['photo'] as string),
    )
    const order = (answers: string[], draft = 'abcdefgh12') =>
      one.ask('POST', `/items/${id}/buy`, { terms, draft, answers })
    expect(await order(['Neo', 'EU'])).toMatchObject(refused(422, 'answer.photo'))
    expect(await order(['Neo', 'Mars', photo!])).toMatchObject(refused(422, 'answer.choice'))
    expect(await order(['Neo', 'EU', theirs!])).toMatchObject(refused(422, 'answer.photo'))
    const made = await order(['Neo', 'EU', photo!])
    expect(made.body).toMatchObject({ waits: true })
    const at = `/waiting/${made.body['id']}`
    expect((await one.ask('GET', at)).body).toMatchObject({
      isItem: true,
      rest: { sum: '₽5', kopecks: '500' },
    })
    expect(await other.ask('POST', `${at}/drop`, {})).toMatchObject(refused(404, 'web.unknown'))
    await shelf.give(BigInt(one.id), 500n)
    // What "go on" owes is carried out by the upkeep worker; the same press on the item does it as well.
    expect((await one.ask('POST', `${at}/go`, { draft: 'abcdefgh56' })).body['rest']).toMatchObject({
      isPaid: true,
    })
    expect(
      await shop.db.rows(
        q`select from outbox where job = 'item.resume' and payload ->> 'orderId' = ${made.body['id']}`,
      ),
    ).toHaveLength(1)
    expect((await order(['Neo', 'EU', photo!])).body).toEqual({ id: made.body['id'], waits: false })
    expect((await one.ask('GET', at)).body).toMatchObject({ isBought: true, rest: null })
    expect((await one.ask('GET', `/purchases/${made.body['id']}`)).body['text']).toContain('Boost is ordered')
    const answers = await answersOf(shop.db, shelf.keys, made.body['id'] as string)
    expect(answers?.values.slice(0, 2)).toEqual(['Neo', 'EU'])
    expect(answers?.values[2]).not.toBe(photo)
  })

  test('F54 each way of buying whose price changes while its page is open refuses the old price in words, twice, and takes nothing', async () => {
    const settings = createSettings(shop.db, shop.config)
    const by = BigInt(ADMIN)
    const shelf = await shelfOf(shop)
    const item = await shelf.item({}, ['KEY-C'])
    const one = await guest({ username: 'price_looker' })
    await shelf.give(BigInt(one.id), 1_000_000n)
    await give(shop.db, one.id, 10_000n, 'TOK')
    const read = async (path: string) => (await one.ask('GET', path)).body
    const [{ code }] = (await read('/plans'))['plans'] as [{ code: string }]
    await shop.db.rows(
      q`update plans set price_tokens = 30, price_stars = 100, days = 30 where code = ${code}`,
    )
    const draft = 'abcdefgh12'
    const premium = await eventually(
      async () => {
        const { body } = await one.ask('POST', '/drafts', { kind: 'premium', count: 3, names: '' })
        return body['id'] as string | undefined
      },
      { everyMs: 500, what: 'Premium is sold for the Stars of the bot' },
    )
    const stars = newId()
    await draftStars(shop.db, { id: stars, personId: BigInt(one.id) })
    const [{ tokens, rate }] = (await read('/home'))['packs'] as [{ tokens: number; rate: number }]
    const plan = await read(`/plans/${code}`)
    const [model] = (await read('/picture-models'))['models'] as [Record<string, string>]
    const picture = { model: model.id, tokens: model.tokens, agreed: model.agreed, prompt: 'a cat', draft }
    const aspect = model.aspects?.[0]
    const presses: [what: string, path: string, body: object, refusal: string][] = [
      ['tokens', '/packs', { tokens, rate, draft }, 'web.price'],
      ['Stars', `/orders/${stars}/pay`, { currency: 'RUB' }, 'price.changed'],
      ['Premium', `/orders/${premium}/pay`, { currency: 'RUB' }, 'price.changed'],
      ['a picture', '/pictures', { ...picture, aspect }, 'web.price'],
      [
        'an own good',
        `/items/${item}/buy`,
        { terms: (await read(`/items/${item}`))['terms'], draft },
        'item.changed',
      ],
      ['a plan', `/plans/${code}/buy`, { terms: plan['tokens'].terms, draft }, 'subscription.changed'],
      ['a plan in Stars', `/plans/${code}/stars`, { stars: plan['starsCount'] }, 'subscription.changed'],
    ]
    const terms = await settings.get(resellerTerms)
    await settings.set(shop.db, resellerTerms, { value: { ...terms, sellWithoutCost: true }, by })
    await settings.set(shop.db, starPrice, { value: '3', by })
    await settings.set(shop.db, starsPerToken, { value: rate + 1, by })
    await settings.set(shop.db, premiumPrices, { value: { '3': '2000', '6': '3000', '12': '4000' }, by })
    await settings.set(shop.db, picturePrices, { value: { [model.id!]: Number(model.tokens) + 1 }, by })
    await shop.db.rows(q`update shelf_items set price = price + 1 where id = ${item}`)
    await shop.db.rows(q`update plans set price_tokens = 31, price_stars = 101 where code = ${code}`)
    await eventually(
      async () => ((await read('/home'))['packs'] as { rate: number }[])[0]!.rate === rate + 1,
      {
        everyMs: 500,
        what: 'the gateway reads the new prices',
      },
    )
    for (const [what, path, body, refusal] of presses)
      for (const time of ['once', 'twice']) {
        const reply = await one.ask('POST', path, body)
        expect(reply, `${what} ${time}`).toMatchObject(refused(422, refusal))
        expect(reply.body['detail'], what).toMatch(/changed.*nothing was charged/)
      }
    const left = { RUB: 1_000_000n, TOK: 10_000n }
    for (const asset of ['RUB', 'TOK'] as const)
      expect(await readBalance(shop.db, BigInt(one.id), asset)).toMatchObject({
        available: left[asset],
        held: 0n,
      })
    expect(await shop.db.rows(q`select id from payments where person_id = ${one.id}`)).toEqual([])
    const moved = q`select id from orders where person_id = ${one.id} and state <> 'draft'`
    expect(await shop.db.rows(moved)).toEqual([])
  })

  test('a picture is drawn from a photo that lies in the chat, by a model that draws from photos', async () => {
    const [one, other] = [await guest(), await guest()]
    const { models } = (await one.ask('GET', '/picture-models')).body as {
      models: { id: string; tokens: string; agreed: string; aspects: string[]; photoLimit: number }[]
    }
    const able = models.find(({ photoLimit }) => photoLimit > 0)!
    const unable = models.find(({ photoLimit }) => photoLimit === 0)!
    const { photo } = (await one.upload('/picture-photo', PNG)).body as { photo: string }
    const draw = ({ id: model, tokens, agreed, aspects }: typeof able, photos: string[], who = one) => {
      const wish = { model, tokens, agreed, aspect: aspects[0], prompt: 'a cat', draft: 'abcdefgh12' }
      return who.ask('POST', '/pictures', { ...wish, photos })
    }
    expect(await draw(unable, [photo])).toMatchObject(refused(422, 'web.photo-file'))
    expect(await draw(able, ['AgACAgIAAx'])).toMatchObject(refused(422, 'web.photo-file'))
    expect(await draw(able, [photo], other), 'of somebody else').toMatchObject(refused(422, 'web.photo-file'))
    const made = await draw(able, [photo])
    expect(made.body).toMatchObject({ stage: 'waits' })
    const [row] = await shop.db.rows(q<{ photos: string[] }>`
      select photos from generations where order_id = ${made.body['id']}`)
    expect(row!.photos).toHaveLength(1)
    expect((await one.ask('GET', '/home')).body['shelf']).toBeNull()
  })
})
