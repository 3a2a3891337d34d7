import { sql as q } from 'kysely'
import { describe, expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { capture, reserve } from '#shared/money/holds.ts'
import { createOrder, moveOrder } from '#shared/money/orders.ts'
import { createPayment, movePayment } from '#shop/payments/payments.ts'
import { recordEvent } from '#shop/payments/events.ts'
import { fulfilOrder } from '#shop/stars-premium/jobs.ts'
import { bury, markDone, owe } from '#shared/queue/outbox.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { readerIn } from '#shared/reader.ts'
import { storyOf, storyText } from '#shop/admin/story/story.ts'
import { readerWords } from '#shop/admin/story/words.ts'
import { goods } from '#shop/goods.ts'
import { repository } from '../lib/compose.ts'
import { credit, ledgerDatabase, newPerson } from '../lib/ledger.ts'
import { startNode } from '../lib/processes.ts'

describe('the story of an id', () => {
  const at = ledgerDatabase()

  /** Writes an order that was paid for, bought and delivered, as the workers do. */
  async function bought() {
    const { db } = at
    const person = await newPerson(db)
    await credit(db, person, 50_000n, `gift-${person}`, 'RUB')
    const [order, payment, ref, charge] = [newId(), newId(), `supplier-${newId()}`, `charge-${newId()}`]
    await createOrder(
      db,
      { id: order, personId: person, bot: 'main', good: 'stars', asset: 'RUB', price: 9_000n },
      'person',
    )
    await db.tx(async (tx) => {
      await reserve(tx, { reference: order, personId: person, asset: 'RUB', amount: 9_000n, bot: 'main' })
      await moveOrder(tx, order, 'reserved', { actor: `person:${person}` })
      await owe(tx, fulfilOrder, { orderId: order, round: 1 })
    })
    await db.rows(q`
      insert into attempts (order_id, number, supplier, state, token, supplier_ref)
      values (${order}, 1, 'fragment', 'done', ${`${order}.1`}, ${ref})`)
    await db.tx(async (tx) => {
      await moveOrder(tx, order, 'fulfilling', { actor: 'worker:fragment' })
      await moveOrder(tx, order, 'delivered', { actor: 'worker:fragment', reason: 'the callback said so' })
      await capture(tx, order, { kind: 'stars' })
    })
    await markDone(db, fulfilOrder.id({ orderId: order, round: 1 }))
    await createPayment(db, {
      id: payment,
      personId: person,
      bot: 'main',
      provider: 'stars',
      asset: 'XTR',
      amount: 50n,
      creditAsset: 'TOK',
      creditAmount: 10n,
      orderId: order,
    })
    await db.tx(async (tx) => {
      await recordEvent(tx, {
        provider: 'stars',
        eventId: `paid-${charge}`,
        kind: 'paid',
        payload: {},
        paymentId: payment,
      })
      await movePayment(tx, payment, 'paid', { providerRef: charge })
    })
    return { person, order, payment, ref, charge }
  }

  const tell = (id: string) =>
    startNode(`${repository}/bin/story.ts`, [id], {
      env: { DATABASE_URL: at.database.url, LOG_LEVEL: 'silent' },
    })

  test('names every step of an order in time order, with the money it moved', async () => {
    const { person, order, ref } = await bought()
    const { title, lines } = (await storyOf(at.db, order))!
    const text = storyText({ title, lines })
    expect(title).toBe(`order ${order}`)
    for (const part of [
      `${order} made: stars for 90.00 RUB, customer ${person}, bot main; now delivered`,
      `draft -> reserved by person:${person}`,
      `hold-${order} (hold): ${person} held +90.00 RUB, ${person} -90.00 RUB`,
      `number 1 done, there ${ref}`,
      'fulfilling -> delivered by worker:fragment — the callback said so',
      `capture-${order} (stars): ${person} held -90.00 RUB, sales +90.00 RUB`,
      `fulfil-${order}-1 done, queued 0 times`,
    ])
      expect(text).toContain(part)
    expect(lines.map((line) => line.at.getTime())).toEqual(
      lines.map((line) => line.at.getTime()).toSorted((one, other) => one - other),
    )
    expect(text.indexOf('draft -> reserved')).toBeLessThan(text.indexOf('reserved -> fulfilling'))
  })

  test.each([
    ['ru', /заказ/, /[a-z]{4,}/gi],
    ['en', /order/, /stars for|90\.00 RUB|\bnow fulfilling/g],
  ] as const)(
    'an admin reads it in their language, by the names that other pages use: %s',
    async (language, title, raw) => {
      const { order, person, ref } = await bought()
      const texts = loadTexts()
      const reader = readerIn(texts, language)
      const story = (await storyOf(at.db, order, undefined, readerWords(reader, goods)))!
      const text = storyText(story, { name: 'UTC', hours: 0 }, (kind) => reader.t(`story-kind-${kind}`))
      expect(story.title).toMatch(title)
      for (const word of [
        reader.t('state-delivered'),
        reader.t('actor-person'),
        reader.money(9_000n, 'RUB').replaceAll(/\s/g, ' '),
        reader.t('account-sales'),
      ])
        expect(text).toContain(word)
      // Numbers of rows, the supplier's answer and the bot's name are words of no language.
      const own = new RegExp(
        `${order}|${ref}|${person}|\\S*-\\S*|\\b[0-9a-z]{16}\\b|main|Telegram|the callback said so|[Ff]ragment`,
        'g',
      )
      expect([...text.replaceAll(own, ' ').matchAll(raw)].map(([word]) => word)).toEqual([])
    },
  )

  test('is found by payment, charge, event, supplier id, job, reference, person and update alike', async () => {
    const { person, order, payment, ref, charge } = await bought()
    await at.db.rows(q`insert into handled_updates (bot, update_id) values ('main', 900123)`)
    await bury(at.db, { key: 'update-main-900124', job: 'update', payload: {}, reason: 'the moon' })
    const titles: Record<string, string> = {
      [payment]: `payment ${payment}`,
      [charge]: `payment ${payment}`,
      [`paid-${charge}`]: `payment ${payment}`,
      [ref]: `order ${order}`,
      [`fulfil-${order}-1`]: `job fulfil-${order}-1`,
      [`fulfil-${order}-1~3`]: `job fulfil-${order}-1`,
      [`capture-${order}`]: `posting capture-${order}`,
      [String(person)]: `customer ${person}`,
      'main-900123': 'update 900123 of main',
      'update-main-900124': 'update 900124 of main',
    }
    for (const [id, title] of Object.entries(titles)) {
      const story = await storyOf(at.db, id)
      expect(story?.title, id).toMatch(new RegExp(`^${title}`))
      expect(story!.lines.length, id).toBeGreaterThan(0)
    }
    expect(storyText((await storyOf(at.db, 'main-900124'))!)).toContain('dead, queued 1 times — the moon')
  })

  test("never mixes somebody else's lines into a story", async () => {
    const [one, other] = [await bought(), await bought()]
    const text = storyText((await storyOf(at.db, String(one.person)))!)
    expect(text).toContain(one.order)
    for (const foreign of [other.order, other.payment, String(other.person)])
      expect(text).not.toContain(foreign)
  })

  test('npm run story prints it with 0, says in one sentence what it does not know with 3, and asks for an id with 1', async () => {
    const { order } = await bought()
    const [told, unknown, bare] = [tell(order), tell('no-such-thing'), tell('')]
    expect(await told.ended, told.lines.join('\n')).toBe(0)
    expect(told.lines[0]).toBe(`order ${order}`)
    expect(await unknown.ended, unknown.lines.join('\n')).toBe(3)
    expect(unknown.lines).toEqual([
      'Nothing here is called no-such-thing: no order, payment, event, update, job, posting or person.',
    ])
    expect(await bare.ended).toBe(1)
    expect(bare.lines[0]).toContain('npm run story -- ID')
  })
})
