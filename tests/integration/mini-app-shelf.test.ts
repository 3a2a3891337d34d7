import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { answersOf } from '#shop/shelf/service-rows.ts'
import { repository } from '../lib/compose.ts'
import { guestsOf, refused } from '../lib/mini-app.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { ASKS, shelfOf } from '../lib/shelf.ts'
import { openShop } from '../lib/shop.ts'

const PNG = new Uint8Array(readFileSync(join(repository, 'docs/screenshots/mini-app-home-light.png')))

describe.skipIf(!redisAvailable())('own goods and photos on the Mini App', () => {
  let shop: Awaited<ReturnType<typeof openShop>>
  let { guest } = {} as ReturnType<typeof guestsOf>
  beforeAll(async () => {
    // Never asked: only what comes before the provider's answer is tried here.
    const provider = { IMAGE_API_URL: 'http://127.0.0.1:9', IMAGE_API_TOKEN: 'token' }
    shop = await openShop({ env: { PUBLIC_URL: 'https://shop.example', ...provider } })
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

  test('a picture is drawn from a photo that lies in the chat, by a model that draws from photos', async () => {
    const one = await guest()
    const { models } = (await one.ask('GET', '/picture-models')).body as {
      models: { id: string; tokens: string; agreed: string; aspects: string[]; photoLimit: number }[]
    }
    const able = models.find(({ photoLimit }) => photoLimit > 0)!
    const unable = models.find(({ photoLimit }) => photoLimit === 0)!
    const { photo } = (await one.upload('/picture-photo', PNG)).body as { photo: string }
    const draw = ({ id: model, tokens, agreed, aspects }: typeof able, photos: string[]) => {
      const wish = { model, tokens, agreed, aspect: aspects[0], prompt: 'a cat', draft: 'abcdefgh12' }
      return one.ask('POST', '/pictures', { ...wish, photos })
    }
    expect(await draw(unable, [photo])).toMatchObject(refused(422, 'web.photo-file'))
    expect(await draw(able, ['AgACAgIAAx'])).toMatchObject(refused(422, 'web.photo-file'))
    const made = await draw(able, [photo])
    expect(made.body).toMatchObject({ stage: 'waits' })
    const [row] = await shop.db.rows(q<{ photos: string[] }>`
      select photos from generations where order_id = ${made.body['id']}`)
    expect(row!.photos).toHaveLength(1)
    expect((await one.ask('GET', '/home')).body['shelf']).toBeNull()
  })
})
