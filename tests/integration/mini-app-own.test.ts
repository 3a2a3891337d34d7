import { sql as q } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { addCode, createCampaign } from '#shop/loyalty/promo/campaigns.ts'
import { personOfCode } from '#shop/loyalty/referrals/referrals.ts'
import { MOST_FILES } from '#shared/sent-files.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { sameProof } from '#shop/payments/proofs.ts'
import { manualRequisites } from '#shop/payments/settings.ts'
import { eventually } from '../lib/eventually.ts'
import { give } from '../lib/give.ts'
import { guestsOf, refused } from '../lib/mini-app.ts'
import { openPanelOf } from '../lib/panel.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { ADMIN, openShop } from '../lib/shop.ts'

describe.skipIf(!redisAvailable())('what a person has of their own on the Mini App', () => {
  /** A page may ask 60 times in 10 s, so the test waits between its looks. */
  const RARELY = { everyMs: 500 }

  let shop: Awaited<ReturnType<typeof openShop>>
  let { guest } = {} as ReturnType<typeof guestsOf>
  beforeAll(async () => {
    shop = await openShop({
      env: {
        PUBLIC_URL: 'https://shop.example',
        // Never asked: only what comes before the vendor's answer is tried here.
        YOOKASSA_API_URL: 'http://127.0.0.1:9',
        YOOKASSA_SHOP_ID: '5',
        YOOKASSA_SECRET_KEY: 'secret',
        YOOKASSA_WEBHOOK_SECRET: 'webhooks',
        YOOKASSA_RECEIPT_VAT_CODE: '1',
        YOOKASSA_KEEP_CARDS: 'true',
      },
    })
    ;({ guest } = guestsOf(shop))
  })

  test('F84 uploads that are cut off while their sender is looked up hold no place of others', async () => {
    const people = await Promise.all([guest(), guest(), guest(), guest(), guest()])
    const last = people.pop()!
    const photo = Uint8Array.from(Buffer.from('89504e470d0a1a0a', 'hex'))
    shop.proxy.be('frozen')
    const cut = new AbortController()
    const cutOff = people.flatMap(({ key }) =>
      Array.from({ length: 5 }, () =>
        fetch(`${shop.url}/app/api/picture-photo`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/octet-stream' },
          body: photo,
          signal: cut.signal,
        }).catch(() => undefined),
      ),
    )
    // The gateway has begun with them when it has answered others who came later.
    for (let later = 0; later < 20; later++) expect((await fetch(`${shop.url}/healthz`)).status).toBe(200)
    cut.abort()
    await Promise.all(cutOff)
    shop.proxy.be('up')
    // Telegram refuses what is no picture, after the place for it was found.
    for (let time = 0; time < 3; time++)
      expect(await last.upload('/picture-photo', photo)).toMatchObject(refused(422, 'web.photo-file'))
  })

  test('F60 a promo code says what it gives before it is used, and a press that repeats itself is one use', async () => {
    const one = await guest()
    const campaign = { name: 'spring', kind: 'tokens' as const, value: 7n, perPerson: 5, createdBy: 900n }
    await addCode(shop.db, await createCampaign(shop.db, campaign), 'SPRING', 100)
    expect((await one.ask('POST', '/promo', { code: ' spring ' })).body).toEqual({
      code: 'SPRING',
      effect: '7\u00a0tokens to your balance.',
    })
    expect(await one.tokens()).toBe(0n)
    const use = { code: 'SPRING', draft: 'abcdefgh1234' }
    const both = await Promise.all([one.ask('POST', '/promo/use', use), one.ask('POST', '/promo/use', use)])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect(await one.tokens()).toBe(7n)
    // Good codes use up no guess and wrong ones do, in the chat as on the page.
    const guesses = []
    for (let at = 0; at < 8; at++)
      guesses.push(await one.ask('POST', '/promo/use', { code: `NO${at}`, draft: `abcdefgh${at}` }))
    expect(guesses[0]).toMatchObject(refused(422, 'promo.unknown'))
    expect(guesses.at(-1)).toMatchObject(refused(422, 'promo.tries'))
    expect(await one.ask('POST', '/promo', { code: 'SPRING' })).toMatchObject(refused(422, 'promo.tries'))
  })

  test('the link for friends is the one of the chat, with what it has brought', async () => {
    const one = await guest()
    // The link is there as soon as Telegram has told the name of the bot.
    const body = await eventually(async () => {
      const answer = await one.ask('GET', '/invitations')
      return answer.body['link'] && answer.body
    }, RARELY)
    const [, code] = /^https:\/\/t\.me\/main_bot\?start=r_(\w+)$/.exec(body['link'])!
    expect(personOfCode(code!)).toBe(BigInt(one.id))
    expect(body).toMatchObject({ invited: 0, paying: 0, earned: '0\u00a0tokens' })
    expect(body['qr']).toMatch(/^data:image\/svg\+xml/)
    const friend = await shop.person({ started: [] })
    await friend.say(`/start r_${code}`)
    await eventually(async () => (await one.ask('GET', '/invitations')).body['invited'] === 1, {
      ...RARELY,
      what: 'the friend is counted',
    })
  })

  test('F60 a plan is bought once at the terms that were shown; other terms are shown anew, what is missing is waited for', async () => {
    const one = await guest()
    await one.buy(10)
    const { body: list } = await one.ask('GET', '/plans')
    const { code } = list['plans'][0] as { code: string }
    await shop.db.rows(q`update plans set price_tokens = 3 where code = ${code}`)
    const seen = (await one.ask('GET', `/plans/${code}`)).body
    expect(seen['tokens'].price).toBe('3\u00a0tokens')
    await shop.db.rows(q`update plans set price_tokens = 2 where code = ${code}`)
    const ask = { terms: seen['tokens'].terms as string, draft: 'abcdefgh12' }
    expect(await one.ask('POST', `/plans/${code}/buy`, ask)).toMatchObject(
      refused(422, 'subscription.changed'),
    )
    expect(await one.tokens()).toBe(10n)
    const { terms } = (await one.ask('GET', `/plans/${code}`)).body['tokens'] as { terms: string }
    const pressed = await Promise.all(
      [1, 2].map(() => one.ask('POST', `/plans/${code}/buy`, { terms, draft: 'abcdefgh34' })),
    )
    expect(pressed.map(({ body }) => body['outcome'])).toEqual(['bought', 'bought'])
    expect(await one.tokens()).toBe(8n)
    const { running } = (await one.ask('GET', '/plans')).body as {
      running: { id: string; renews: boolean }[]
    }
    expect([running, list['card'], list['offer']]).toMatchObject([[{ renews: true }], null, null])
    // With a plan that renews from the balance a card may be kept, and never without the person's own yes.
    const { offer } = (await one.ask('GET', '/plans')).body as { offer: { method: string; kopecks: string } }
    const { method, kopecks } = offer
    const keep = async (who: typeof one, more: object) => {
      const sum = `${Number(kopecks) / 100}`
      const { status, body } = await who.ask('POST', '/top-ups', {
        method,
        sum,
        email: 'one@shop.example',
        ...more,
      })
      const [paid] = await shop.db.rows(q<{ keeps: boolean }>`
        select details ? 'keepCard' as keeps from payments where id = ${(body['id'] as string | undefined) ?? ''}`)
      return [status, (body['code'] as string | undefined) ?? paid?.keeps]
    }
    expect(await keep(one, { draft: 'keep1111', keep: true })).toEqual([200, true])
    expect(await keep(one, { draft: 'keep2222' })).toEqual([200, false])
    expect(await keep(await guest(), { draft: 'keep3333', keep: true })).toEqual([422, 'web.method'])
    await shop.db.rows(q`insert into kept_cards (person_id, provider, digits, payment_id)
      select person_id, 'yookassa', '4477', 'x' from subscriptions where id = ${running[0]!.id}`)
    const kept = (await one.ask('GET', '/plans')).body
    expect([kept['card'].text, kept['offer']]).toEqual([expect.stringContaining('4477'), null])
    expect(JSON.stringify(kept)).not.toContain('"x"')
    const stranger = await guest()
    await stranger.ask('POST', '/plans/card/forget', {})
    expect((await one.ask('GET', '/plans')).body['card']).not.toBeNull()
    expect((await one.ask('POST', '/plans/card/forget', {})).body).toEqual({ said: 'The card is forgotten' })
    expect((await one.ask('GET', '/plans')).body['card']).toBeNull()
    const stop = `/plans/running/${running[0]!.id}/stop`
    expect(await stranger.ask('POST', stop, {})).toMatchObject(refused(404, 'web.unknown'))
    expect((await one.ask('POST', stop, {})).body['running']).toMatchObject([{ renews: false }])

    const waits = await stranger.ask('POST', `/plans/${code}/buy`, { terms, draft: 'abcdefgh56' })
    expect(waits.body['outcome']).toBe('waits')
    const at = `/waiting/${waits.body['waiting']}`
    expect((await stranger.ask('GET', at)).body['rest']).toMatchObject({
      isPaid: false,
      invoice: { stars: expect.stringMatching(/\d/) },
    })
    for (const [method, path, body] of [
      ['GET', at, undefined],
      ['POST', `${at}/go`, { draft: 'abcdefgh78' }],
      ['POST', `${at}/drop`, {}],
    ] as const)
      expect(await one.ask(method, path, body), path).toMatchObject(refused(404, 'web.unknown'))
    expect((await stranger.ask('POST', `${at}/drop`, {})).body['state']).toBe('cancelled')
    expect(await stranger.ask('POST', `${at}/drop`, {})).toMatchObject(refused(422, 'order.moved'))
  })

  test('addresses for coins are the person’s own, and a coin that nobody takes is refused', async () => {
    const one = await guest()
    expect(await one.ask('POST', '/addresses', { asset: 'DOGE', network: 'dogecoin' })).toMatchObject(
      refused(422, 'web.address'),
    )
    await shop.db.rows(q`
      insert into deposit_wallets (reference, person_id, bot, provider, asset, network, address)
      values (${`tw-${one.id}`}, ${one.id}, 'main', 'cryptomus', 'TON', 'ton', 'UQ-address-of-one')`)
    const { body } = await one.ask('GET', '/addresses')
    expect(body['mine']).toMatchObject([
      { asset: 'TON', address: 'UQ-address-of-one', qr: expect.stringMatching(/^data:image/) },
    ])
    expect((await (await guest()).ask('GET', '/addresses')).body['mine']).toEqual([])
  })

  test('the language that is chosen on the page is the one of the chat', async () => {
    const one = await guest({ language_code: 'en' })
    expect((await one.ask('GET', '/home')).body['language']).toBe('en')
    expect((await one.ask('POST', '/language', { language: 'ru' })).status).toBe(200)
    expect((await one.ask('GET', '/home')).body['language']).toBe('ru')
    await one.say('/promo')
    await one.hears('Напишите промокод')
    expect((await one.ask('POST', '/language', { language: 'de' })).status).toBe(400)
  })

  test('F60 a picture is paid once at the price that was shown, and what came of a press that repeats itself is told', async () => {
    const one = await guest()
    const { models } = (await one.ask('GET', '/picture-models')).body as {
      models: { id: string; tokens: string; agreed: string; aspects: string[] }[]
    }
    const [{ id: model, tokens, agreed, aspects }] = models as [(typeof models)[0]]
    const wish = { model, tokens, agreed, aspect: aspects[0], prompt: 'a cat', draft: 'abcdefgh1234' }
    expect(await one.ask('POST', '/pictures', { ...wish, tokens: '0' })).toMatchObject(
      refused(422, 'web.price'),
    )
    expect(await one.ask('POST', '/pictures', { ...wish, model: 'none' })).toMatchObject(
      refused(422, 'web.model'),
    )
    expect(await one.ask('POST', '/pictures', { ...wish, prompt: '   ' })).toMatchObject(
      refused(422, 'image.no-prompt'),
    )
    // There is nothing on the balance, so the picture waits for exactly what is missing.
    const poor = await one.ask('POST', '/pictures', { ...wish, draft: 'abcdefgh5678' })
    expect(poor.body).toMatchObject({ stage: 'waits', rest: { isPaid: false } })
    expect((await one.ask('POST', `/pictures/${poor.body['id']}/cancel`, {})).body['stage']).toBe('cancelled')
    await one.buy(5)
    const both = await Promise.all([one.ask('POST', '/pictures', wish), one.ask('POST', '/pictures', wish)])
    expect(both.map(({ status, body }) => [status, body['id']])).toEqual(
      [1, 2].map(() => [200, both[0].body['id']]),
    )
    expect(await one.tokens()).toBe(5n - BigInt(tokens))
    const at = `/pictures/${both[0].body['id']}`
    expect((await one.ask('GET', at)).body).toMatchObject({
      stage: 'queued',
      canCancel: true,
      hasFile: false,
    })
    expect(await one.ask('GET', `${at}/file`)).toMatchObject(refused(404, 'web.unknown'))
    expect((await one.ask('GET', '/pictures')).body['open']).toMatchObject([{ prompt: 'a cat' }])
    expect((await one.ask('POST', `${at}/cancel`, {})).body['stage']).toBe('cancelled')
    expect(await one.ask('POST', `${at}/cancel`, {})).toMatchObject(refused(422, 'order.moved'))
    expect(await one.tokens()).toBe(5n)
    // The same press once more draws no second picture.
    expect((await one.ask('POST', '/pictures', wish)).body['stage']).toBe('cancelled')
    expect(await one.tokens()).toBe(5n)
  })

  test('whom the bot may not write to is told to start it, and nothing is taken', async () => {
    const one = await guest()
    await one.buy(5)
    const { models } = (await one.ask('GET', '/picture-models')).body as {
      models: { id: string; tokens: string; agreed: string; aspects: string[] }[]
    }
    const [{ id: model, tokens, agreed, aspects }] = models as [(typeof models)[0]]
    await shop.control('PATCH', `/people/${one.id}`, { block: 'main_bot' })
    const wish = { model, tokens, agreed, aspect: aspects[0], prompt: 'a cat', draft: 'abcdefgh1234' }
    expect(await one.ask('POST', '/pictures', wish)).toMatchObject(refused(422, 'web.no-chat'))
    expect(await one.tokens()).toBe(5n)
  })

  test('F84 the files of a person in an hour are counted over pages and chats, and the last too many hears how long to wait', async () => {
    const one = await guest()
    const photo = Uint8Array.from(Buffer.from('89504e470d0a1a0a', 'hex'))
    const upload = () => one.upload('/picture-photo', photo)
    const ago = (minutes: number) =>
      shop.db.rows(q`
        insert into sent_files (person_id, since, count)
        values (${one.id}, now() - ${minutes} * interval '1 minute', ${MOST_FILES - 2})
        on conflict (person_id) do update set since = excluded.since, count = excluded.count`)
    await ago(50)
    expect(await upload()).toMatchObject(refused(422, 'web.photo-file'))
    await one.sendFile(Buffer.from('a'), { file_name: 'a.pdf' })
    const count = q<{ count: number }>`select count from sent_files where person_id = ${one.id}`
    await eventually(async () => (await shop.db.rows(count))[0]?.count === MOST_FILES)
    const late = await upload()
    expect(late).toMatchObject(refused(429, 'files.too-many'))
    expect(late.body['detail']).toMatch(/in \d+ min/)
    await one.sendFile(Buffer.from('b'), { file_name: 'b.pdf' })
    await one.hears(/100 files an hour.* in \d+ min/)
    await ago(61)
    expect(await upload()).toMatchObject(refused(422, 'web.photo-file'))
  })

  test('F60 a transfer by hand: one request, its receipt lies in the chat and is shown to the bot’s admins alone', async () => {
    const text = { ru: 'Карта 2200', en: 'Card 2200' }
    const settings = createSettings(shop.db, shop.config)
    await settings.set(shop.db, manualRequisites, {
      value: { card_ru: text },
      bot: 'main',
      by: BigInt(ADMIN),
    })
    const one = await guest()
    // A gateway reads the settings anew after a moment.
    const offer = await eventually(
      async () => {
        const { body } = await one.ask('GET', '/by-hand')
        return body['methods'].length > 0 ? body : undefined
      },
      { ...RARELY, what: 'the way is offered' },
    )
    const ask = { method: 'card_ru', kind: 'r', count: offer['sums'][0].count as string, draft: 'abcdefgh12' }
    expect(await one.ask('POST', '/requests', { ...ask, count: '1' })).toMatchObject(
      refused(422, 'web.price'),
    )
    const made = await Promise.all(Array.from({ length: 8 }, () => one.ask('POST', '/requests', ask)))
    const [first] = made
    expect(made.map(({ body }) => body['id'])).toEqual(made.map(() => first!.body['id']))
    expect(first!.body).toMatchObject({ state: 'created', requisites: 'Card 2200' })
    const other = { ...ask, draft: 'abcdefgh34' }
    expect(await one.ask('POST', '/requests', other)).toMatchObject(refused(422, 'request.open'))
    const at = `/requests/${first!.body['id']}`
    const send = (bytes: Uint8Array<ArrayBuffer>, key = one.key) => one.upload(`${at}/file`, bytes, key)
    const page = new TextEncoder().encode('<script>1</script>')
    expect(await send(page)).toMatchObject({ status: 422, body: { code: 'web.proof-file' } })
    expect((await send(page, (await guest()).key)).status).toBe(404)
    const large = await send(new Uint8Array(11_000_000))
    expect([large.status, large.body['detail']]).toEqual([413, expect.stringContaining('10 MB')])
    const receipt = new TextEncoder().encode('%PDF-1.7 a receipt')
    expect((await send(receipt)).status).toBe(200)
    // The page sends the same file once more, as after a lost answer.
    expect(await send(receipt)).toMatchObject({ status: 200, body: { state: 'pending', proofs: 1 } })
    const sent = async () => (await shop.calls('sendDocument')).length
    expect(await sent()).toBe(1)
    expect(await one.ask('POST', `${at}/withdraw`, {})).toMatchObject(refused(422, 'web.request-moved'))
    expect((await one.ask('POST', `${at}/words`, { words: 'paid at noon' })).body['proofs']).toBe(2)

    const owner = await shop.person({ id: ADMIN })
    await owner.start()
    const panel = await openPanelOf(shop.url, owner)
    const file = await fetch(`${shop.url}/panel/api${at}/proofs/0`, {
      headers: { cookie: panel.cookie, 'x-telekassa-panel': '1' },
    })
    expect([file.status, await file.text()]).toEqual([200, '%PDF-1.7 a receipt'])
    expect(file.headers.get('content-disposition')).toBe('attachment')
    expect(await panel.get(`${at}/proofs/7`)).toMatchObject(refused(404, 'admin.not-found'))

    // F84 Somebody who got the file from the chat shows it as their own.
    const two = await guest()
    const second = (await two.ask('POST', '/requests', { ...ask, draft: 'abcdefgh56' })).body['id'] as string
    await two.say('/start')
    await two.sendFile(Buffer.from(receipt), { file_name: 'my.pdf' })
    await two.press(/receipt/)
    await eventually(async () => (await sameProof(shop.db, second)).length > 0, { what: 'it is found' })
    expect(await sameProof(shop.db, second)).toEqual([first!.body['id']])
    // Nobody makes the bot send more than a request can hold, or fills the memory of a gateway.
    await shop.db.rows(q`
      insert into further_proofs (payment_id, fingerprint, kind, text)
      select ${first!.body['id']}, n::text, 'text', 'x' from generate_series(1, 18) n`)
    const more = Array.from({ length: 12 }, (_, at) => send(new TextEncoder().encode(`%PDF-1.7 ${at}`)))
    const codes = (await Promise.all(more)).map(({ body }) => body.code)
    expect(new Set(codes)).toEqual(new Set(['web.proofs-full', 'web.often']))
    expect(await sent()).toBe(1)
  })

  test('a plan is given to a friend once, and to nobody whom the shop does not know', async () => {
    const [one, friend] = [await guest(), await guest({ first_name: 'Nina', username: 'nina_friend' })]
    await give(shop.db, one.id, 10n, 'TOK')
    const { code } = (await one.ask('GET', '/plans')).body['plans'][0] as { code: string }
    await shop.db.rows(q`update plans set price_tokens = 3 where code = ${code}`)
    const { terms } = (await one.ask('GET', `/plans/${code}`)).body['tokens'] as { terms: string }
    const present = (to: string) =>
      one.ask('POST', `/plans/${code}/buy`, { terms, draft: 'abcdefgh12', friend: to })
    expect(await present('@nobody_here')).toMatchObject(refused(422, 'subscription.friend'))
    expect(await present(String(one.id))).toMatchObject(refused(422, 'subscription.friend'))
    const both = await Promise.all([present('@nina_friend'), present(String(friend.id))])
    expect(both.map(({ body }) => body)).toEqual(
      [1, 2].map(() => ({ outcome: 'bought', waiting: null, friend: 'Nina' })),
    )
    expect(await one.tokens()).toBe(7n)
    expect((await friend.ask('GET', '/plans')).body['running']).toMatchObject([{ renews: false }])
    expect((await one.ask('GET', '/plans')).body['running']).toEqual([])
  })

  test('a payment with a receipt asks for an e-mail once, and leads back to what it is for', async () => {
    const [one, other] = [await guest(), await guest()]
    const top = (more: object) =>
      one.ask('POST', '/top-ups', { method: 'yookassa', sum: '300', draft: 'abcdefgh12', ...more })
    const ways = async (query = '') =>
      (await one.ask('GET', `/methods${query}`)).body['methods'] as { email: string; keep: object | null }[]
    const known = async () => (await ways()).map(({ email }) => email)
    expect(await known()).toEqual([''])
    expect(await top({})).toMatchObject(refused(422, 'receipt.email'))
    expect(await top({ email: 'nobody' })).toMatchObject(refused(422, 'receipt.email-wrong'))
    const { body: plans } = await other.ask('GET', '/plans')
    const { code } = plans['plans'][0] as { code: string }
    const { terms } = (await one.ask('GET', `/plans/${code}`)).body['tokens'] as { terms: string }
    const waits = await one.ask('POST', `/plans/${code}/buy`, { terms, draft: 'abcdefgh34' })
    const orderId = waits.body['waiting'] as string
    // Who buys a plan may keep the card with the payment for it, and with nothing else.
    const keeps = [await ways(`?orderId=${orderId}`), await ways()].map(([way]) => way!.keep !== null)
    expect(keeps).toEqual([true, false])
    const paid = await top({ email: 'one@shop.example', orderId, keep: true })
    expect(paid.body['order']).toEqual({ id: orderId, page: 'waiting' })
    expect(await known()).toEqual(['one@shop.example'])
  })
})
