import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../lib/eventually.ts'
import { openPaymentShop, type PaymentShop } from '../lib/payment-shop.ts'
import { type Bubble, pressKey, visit } from '../lib/phone.ts'
import { redisAvailable } from '../lib/requirements.ts'

/** The limit on presses counts per person, so the tests with many presses have admins of their own. */
const OLEG = 77
const IRA = 78
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

/** Each name makes a different file with the same picture, because nobody reads the bytes after the end of a PNG. */
const png = (name: string) => Buffer.concat([PIXEL, Buffer.from(name)])

describe.skipIf(!redisAvailable())('payments by hand: an admin sees the proof and decides', () => {
  let shop: PaymentShop
  let person = 1000
  beforeAll(async () => {
    shop = await openPaymentShop({ vendors: ['cryptomus', 'mulenpay'], telegram: true })
  })
  afterAll(() => shop.close())

  const newcomer = () => visit(shop.telegramUrl, 'main_bot', { id: ++person, first_name: 'Аня' })
  const admin = (id: number) => visit(shop.telegramUrl, 'main_bot', { id, first_name: `Админ ${id}` })
  const press = (id: number, message: Bubble, words: string) =>
    pressKey(shop.telegramUrl, { person: id, message, words })

  /** A person who was told where to send 300 roubles by hand. */
  const newcomerWith300 = async () => {
    const who = await newcomer()
    await who.say('/topup')
    await who.press(/Перевод вручную/)
    await who.press(/Карта российского/)
    await who.press(/^300/)
    await who.hears(/Переведите 300/)
    return who
  }

  test('F84: a request by hand: requisites, proof, a repeated proof is pointed out, two admins credit once', async () => {
    const boss = await admin(OLEG)
    const ira = await admin(IRA)
    await boss.say('/providers')
    await boss.press(/Карта российского банка/)
    await boss.hears(/Напишите реквизиты/)
    // A picture of the card, or too much of a text, is told so, and the question goes on.
    await boss.sendPhoto(PIXEL)
    await boss.hears(/Реквизиты — это текст до 1.000 знаков/)
    await boss.say('x'.repeat(1_001))
    await boss.hears(/Реквизиты — это текст до 1.000 знаков/)
    await boss.say('Сбер 2202 0000 0000 0001 <memo 42>\n---\nSber 2202 0000 0000 0001 <memo 42>')
    // Everybody would pay to mistyped requisites, so the question shows them once more above its yes.
    await boss.hears(/Было: —.*Станет: Сбер 2202 0000 0000 0001 <memo 42>/s)
    await boss.press(/Сохранить/)
    await eventually(
      async () =>
        (await boss.messages()).some((one) =>
          one.inline_keyboard?.flat().some(({ text }) => text.startsWith('✓ ')),
        ),
      { what: 'the requisites are kept' },
    )
    for (const round of ['first', 'second']) {
      const who = await newcomer()
      await who.say('/topup')
      await who.press(/Перевод вручную/)
      await who.press(/Карта российского/)
      await who.press(/^500/)
      await who.hears(/2202 0000 0000 0001 <memo 42>/)
      await who.say('Перевод 500 ₽, операция 778899')
      await who.hears(/на проверке/)
      // Both admins are told of the request. Each opens it by its new message, because a request of an earlier
      // test must not be opened instead.
      for (const one of [boss, ira])
        await one.hears(round === 'first' ? /Новая заявка: 500/ : /повторным чеком/)
      await boss.press(/Открыть заявку/)
      await boss.hears(/Зачислить: 500.*Покупатель: Аня \d+.*Создана/s)
      await ira.press(/Открыть заявку/)
      await ira.hears(/Зачислить: 500/)
      await boss.press(/^Подтвердить/)
      const card = await boss.hears(/Зачислить 500 ₽\?.*Баланс был: 0 ₽.*Станет: 500 ₽/s)
      await ira.press(/^Подтвердить/)
      const hers = await ira.hears(/Зачислить 500 ₽\?/)
      expect(await shop.has(BigInt(person))).toBe(0n)
      await Promise.all([
        press(OLEG, card, 'Да, зачислить'),
        press(IRA, hers, 'Да, зачислить'),
        press(OLEG, card, 'Да, зачислить'),
      ])
      await who.hears(/Зачислено: 500/)
      // The customer's card is edited as well, because a person who looks at it later must not read that the
      // request still waits.
      await who.hears(/Заявка на 500 ₽ подтверждена/)
      expect((await who.messages()).some((one) => /на проверке/.test(one.text ?? ''))).toBe(false)
      expect(await shop.has(BigInt(person))).toBe(50_000n)
    }
  })

  test('a declined request tells why and credits nothing; a photo is a proof', async () => {
    const boss = await admin(IRA)
    const who = await newcomerWith300()
    await who.sendPhoto(PIXEL)
    await who.hears(/на проверке/)
    await boss.hears(/Новая заявка: 300/)
    await boss.press(/Открыть заявку/)
    await boss.hears(/Зачислить: 300/)
    await boss.press(/Отклонить/)
    await boss.press(/Деньги не пришли/)
    await who.hears(/отклонена.*не пришёл/s)
    const decided = async () =>
      (await who.messages()).filter((one) => /отклонена.*не пришёл/s.test(one.text ?? ''))
    await eventually(async () => (await decided()).length === 2, { what: 'the card says it, too' })
    expect((await who.messages()).some((one) => /на проверке/.test(one.text ?? ''))).toBe(false)
    expect(await shop.has(BigInt(person))).toBe(0n)
  })

  test('an admin asks for more: the customer is told, the request stays open, and the answer reaches it', async () => {
    const boss = await admin(OLEG)
    const who = await newcomer()
    await who.say('/topup')
    await who.press(/Перевод вручную/)
    await who.press(/Карта российского/)
    await who.press(/^1 000/)
    await who.hears(/Переведите 1 000/)
    await who.say('Перевёл, спасибо')
    await who.hears(/на проверке/)
    await boss.hears(new RegExp(`Новая заявка: 1 000 ₽ от ${person}`))
    await boss.press(/Открыть заявку/)
    // Telegram shows a time in the zone of the admin's phone, and the words beside it say the time of Moscow.
    const asked = await fetch(`${shop.telegramUrl}/control/requests?method=editMessageText&limit=1000`)
    const times = (await asked.json()) as { params: Record<string, unknown> }[]
    expect(
      times.some(({ params }) =>
        /<tg-time unix="\d+" format="dt">[^<]* МСК<\/tg-time>/.test(String(params['text'])),
      ),
    ).toBe(true)
    await boss.press(/Запросить ещё/)
    await boss.press(/Чек целиком/)
    await boss.hears(/Покупателю написали: «Пришлите чек целиком/)
    await who.hears(/Заявка на 1 000 ₽ открыта.*Пришлите чек целиком/s)
    expect((await boss.press(/‹ Назад/)).text).toBeUndefined()
    await boss.hears(/Ждём от покупателя: «Пришлите чек целиком/)
    await boss.press(/Запросить ещё/)
    await boss.press(/своими словами/)
    await boss.hears(/Напишите, что нужно/)
    await boss.say('Номер операции <из банка>')
    await boss.hears(/Покупателю написали: «Номер операции <из банка>»/)
    await who.hears(/открыта.*Номер операции <из банка>/s)
    await who.press(/Ответить по заявке/)
    await who.hears(/Пришлите сюда фото, файл или текст/)
    await who.say('Операция 5577')
    await who.hears(/на проверке/)
    await boss.hears(/К заявке на 1 000 ₽ добавили/)
    await boss.press(/Открыть заявку/)
    const card = await boss.hears(/Операция 5577/)
    expect(card.text).not.toMatch(/Ждём от покупателя/)
    await boss.press(/^Отклонить/)
    await boss.press(/Деньги не пришли/)
    await who.hears(/отклонена/)
    expect(await shop.has(BigInt(person))).toBe(0n)
  })

  test('F105: an album, a file, a caption and a thank-you behind them all reach the request', async () => {
    const boss = await admin(IRA)
    const who = await newcomerWith300()
    const album = { media_group_id: '4711' }
    await who.sendPhoto(png('one'), { ...album, caption: 'Чек из <банка>' })
    await who.sendPhoto(png('two'), album)
    await who.hears(/на проверке/)
    await boss.hears(/Новая заявка: 300/)
    // Somebody before has said the same words, which make no receipt a repeated one.
    await who.say('Перевёл, спасибо')
    await boss.hears(/К заявке на 300 ₽ добавили/)
    await who.sendFile(Buffer.from('%PDF-1.4'), { file_name: 'чек.pdf', mime_type: 'application/pdf' })
    const kept = () =>
      shop.db.rows(q<{ kind: string; text: string | null }>`
        select kind, text from payment_proofs join payments p on p.id = payment_id where p.person_id = ${person}
        union all select kind, text from further_proofs join payments p on p.id = payment_id where p.person_id = ${person}`)
    await eventually(async () => (await kept()).length === 4, { what: 'every file is kept' })
    expect(await kept()).toEqual(
      expect.arrayContaining([
        { kind: 'photo', text: 'Чек из <банка>' },
        { kind: 'photo', text: null },
        { kind: 'text', text: 'Перевёл, спасибо' },
        { kind: 'document', text: null },
      ]),
    )
    await boss.press(/Открыть заявку/)
    const card = await boss.hears(/Зачислить: 300/)
    expect(card.text).toContain('Чек из <банка>\nПеревёл, спасибо')
    const files = (await boss.messages()).filter((one) => one.photo ?? one.document)
    expect(files.slice(-3).map((one) => (one.photo ? 'photo' : 'file'))).toEqual(['photo', 'photo', 'file'])
    // The keys of the request stand below the files that they are about.
    expect(files.every((one) => one.message_id < card.message_id)).toBe(true)
    expect(await shop.db.rows(q`select 1 from orders where person_id = ${person}`)).toEqual([])
    // Many in a row are one message to an admin, or two on either side of five minutes.
    for (let at = 0; at < 6; at++) await who.say(`ещё ${at}`)
    await eventually(async () => (await kept()).length === 10, { what: 'every note is kept' })
    const told = (await boss.messages())
      .map(({ text = '' }) => text)
      .filter((text) => text.includes(`${person}`))
    expect(told.filter((text) => /К заявке на 300 ₽ добавили/.test(text)).length).toBeLessThan(3)
    expect(told.filter((text) => /повторным чеком/.test(text))).toEqual([])
    await boss.press(/^Отклонить/)
    await boss.press(/Чек не читается/)
    await who.hears(/отклонена.*прочитать/s)
    await who.say('как же так')
    await who.hears(/Я не жду|Не понял/)
  })

  test('F105: a photo sent from another screen is asked about before it becomes a receipt, and one that is none goes where photos went before', async () => {
    const boss = await admin(IRA)
    const who = await newcomerWith300()
    await who.say('/balance')
    await who.hears(/Ваш баланс/)
    expect(
      (await who.messages()).some((one) => /Переведите 300/.test(one.text ?? '')),
      'the requisites stay',
    ).toBe(true)
    // This holds also while the bot waits for words.
    await who.say('/topup')
    await who.press(/Карта РФ/)
    await who.press(/Другая сумма/)
    await who.hears(/Напишите сумму/)
    await who.sendPhoto(png('three'), { media_group_id: '4712' })
    await who.sendPhoto(png('four'), { media_group_id: '4712' })
    await who.hears(/Это чек по заявке на 300 ₽\?/)
    await who.press(/Да, это чек/)
    await who.hears(/на проверке/)
    await eventually(
      async () =>
        (
          await shop.db.rows(q`
          select 1 from further_proofs join payments p on p.id = payment_id where p.person_id = ${person}`)
        ).length === 1,
      { what: 'both are kept' },
    )
    await boss.hears(/Новая заявка: 300/)
    // This shop sells no pictures, so a photo that belongs to no request is answered as any other photo.
    await who.say('/balance')
    await who.sendPhoto(png('five'))
    await who.press(/Нет, это для картинки/)
    await who.hears(/Пришлите фото ещё раз/)
    await who.sendPhoto(png('five'))
    await who.hears(/Новая картинка|Я не жду|Не понял/)
  })
})
