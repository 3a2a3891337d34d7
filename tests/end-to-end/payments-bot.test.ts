import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { VendorName } from '../../sandbox/payments/start.ts'
import { eventually } from '../lib/eventually.ts'
import { openPaymentShop, type PaymentShop } from '../lib/payment-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { type Bubble, type Phone, controlOf, plain, pressKey, visit } from '../lib/phone.ts'

/** The limit on presses counts per person, so the tests with many presses have admins of their own. */
const OLEG = 77
const MAX = 79
const ZOE = 80
describe.skipIf(!redisAvailable())('payments as people and admins see them', () => {
  let shop: PaymentShop
  let person = 1000
  beforeAll(async () => {
    shop = await openPaymentShop({
      vendors: ['cryptomus', 'heleket', 'mulenpay', 'cryptopay'],
      telegram: true,
    })
  })
  afterAll(() => shop.close())

  const newcomer = () => visit(shop.telegramUrl, 'main_bot', { id: ++person, first_name: 'Аня' })
  const admin = (id: number) => visit(shop.telegramUrl, 'main_bot', { id, first_name: `Админ ${id}` })
  const press = (id: number, message: Bubble, words: string) =>
    pressKey(shop.telegramUrl, { person: id, message, words })
  const pressed = async (id: number, message: Bubble, words: string) =>
    (await (await press(id, message, words)).json()) as { text?: string }
  const hasKey = (message: Bubble, words: string) =>
    message.inline_keyboard?.flat().some(({ text }) => text.startsWith(words)) ?? false
  const invoiceOf = (name: VendorName) => shop.vendors[name]?.vendor.invoices().at(-1)
  const pay = (name: VendorName, way: 'exact' | 'less' | 'more' | 'decline') =>
    shop.vendors[name]?.vendor.pay(invoiceOf(name)?.id ?? '', way, {})

  async function toInvoice(who: Phone, method: RegExp, sum = /^500/): Promise<void> {
    await who.say('/topup')
    await who.press(method)
    await who.press(sum)
    await who.hears(/Ждём оплату/)
  }

  test.each([
    ['cryptomus', /Cryptomus/],
    ['heleket', /Heleket/],
    ['mulenpay', /Карта РФ/],
    ['cryptopay', /Crypto Pay/],
  ] as const)(
    '%s: from the balance screen to the money, in one message with a QR picture',
    async (name, method) => {
      const who = await newcomer()
      await toInvoice(who, method)
      const card = await eventually(async () => {
        const seen = await who.hears(/Ждём оплату/)
        return seen.photo && seen
      })
      const link = card.inline_keyboard?.flat().find((one) => one.url)
      const page = await (await fetch(link?.url ?? '')).text()
      expect(page).toContain('500.00')
      expect(page).toContain('Настоящих денег здесь нет')
      await pay(name, 'exact')
      await who.hears(/Зачислено: 500/)
      const paid = await who.hears(/Оплачено/)
      expect(paid.message_id).toBe(card.message_id)
      expect(paid.inline_keyboard?.flat().some((one) => one.url)).toBe(false)
      expect(await shop.has(BigInt(person))).toBe(50_000n)
    },
  )

  test('F123 a payment that is opened again in another message leaves the words and the key to the menu in the former one', async () => {
    const who = await newcomer()
    await toInvoice(who, /Cryptomus/)
    const pictureAfter = (messageId: number) =>
      eventually(async () => {
        const seen = await who.hears(/Ждём оплату/)
        return seen.photo && seen.message_id > messageId && hasKey(seen, 'Оплатить') ? seen : undefined
      })
    const first = await pictureAfter(0)
    await who.say('/topup')
    await who.press(/Мои платежи/)
    await who.press(/500/)
    const second = await pictureAfter(first.message_id)
    const now = async ({ message_id }: Bubble) =>
      (await who.messages()).find((one) => one.message_id === message_id)!
    await eventually(async () => {
      const keys = (await now(first)).inline_keyboard?.flat() ?? []
      return keys.length === 1 && keys[0]!.text === 'В меню'
    })
    expect((await now(first)).caption).toBe(first.caption)
    await pay('cryptomus', 'exact')
    await eventually(async () => /Оплачено/.test((await now(second)).caption ?? ''))
  })

  test.each([
    ['reaches Telegram after the news that it is paid', 'arrive_ms'],
    ['is answered after the news that it is paid', 'delay_ms'],
  ])('F123 an invoice whose picture %s is shown as paid', async (_order, late) => {
    const who = await newcomer()
    const telegram = controlOf(shop.telegramUrl)
    const HOUR_MS = 3_600_000
    const fault = { on: 'call', method: 'editMessageMedia', chat: person, do: { [late]: HOUR_MS } }
    const { id } = await telegram('POST', '/control/faults', fault)
    await who.say('/topup')
    await who.press(/Crypto Pay/)
    const { message_id } = await who.hears(/Выберите сумму/)
    await who.press(/^500/)
    const shown = async () => (await who.messages()).find((one) => one.message_id === message_id)!
    await eventually(async () => {
      const rules = await telegram<{ id: number; hits: number }[]>('GET', '/control/faults')
      return rules.find((one) => one.id === id)?.hits
    })
    await pay('cryptopay', 'exact')
    await eventually(async () => /Оплачено/.test(`${(await shown()).text} ${(await shown()).caption}`))
    await telegram('PUT', '/control/clock', { advance_ms: HOUR_MS })
    await eventually(async () => (await shown()).photo && /Оплачено/.test((await shown()).caption!), {
      what: 'a picture with the newest words',
    })
  })

  test('F60 a double tap on the sum is one payment', async () => {
    const who = await newcomer()
    await who.say('/topup')
    await who.press(/Crypto Pay/)
    const before = shop.vendors['cryptopay']?.vendor.invoices().length ?? 0
    const sums = await who.hears(/Выберите сумму/)
    await Promise.all([press(person, sums, '500'), press(person, sums, '500')])
    await who.hears(/Ждём оплату/)
    expect((shop.vendors['cryptopay']?.vendor.invoices().length ?? 0) - before).toBe(1)
  })

  test('F62 a typed sum is read as people write it, and nonsense repeats the range', async () => {
    const who = await newcomer()
    await who.say('/topup')
    await who.press(/Карта РФ/)
    await who.press(/Другая сумма/)
    await who.hears(/Напишите сумму/)
    for (const wrong of ['1e309', 'NaN', '-1', '１２００', '9'.repeat(30), '0', '49,99', '1000,555']) {
      await who.say(wrong)
      await who.hears(/Нужно число от/)
    }
    await who.say('1 000,50')
    await who.hears(/1 000,50 ₽.*Карта РФ/)
    await eventually(() => invoiceOf('mulenpay')?.amount === '1000.50')
  })

  test('"I have paid" asks the provider now, and not twice in half a minute', async () => {
    const who = await newcomer()
    await toInvoice(who, /Crypto Pay/)
    shop.vendors['cryptopay']?.faults.add({ on: 'webhook', name: 'paid', do: { lose: true } })
    await pay('cryptopay', 'exact')
    expect((await who.press(/Я оплатил/)).text).toMatch(/Проверяем оплату/)
    await who.hears(/Зачислено: 500/)
    expect(await shop.has(BigInt(person))).toBe(50_000n)
    const other = await newcomer()
    await toInvoice(other, /Crypto Pay/)
    await other.press(/Я оплатил/)
    expect((await other.press(/Я оплатил/)).text).toMatch(/Только что проверяли/)
  })

  test('F21 money that came beside the invoice is taken with one tap, once', async () => {
    const who = await newcomer()
    await toInvoice(who, /Heleket/)
    await pay('heleket', 'more')
    const notice = await who.hears(/Лишние 125/)
    await who.say('/balance')
    await who.hears(/Ждут вас: 125 ₽/)
    expect(plain((await pressed(person, notice, 'Забрать')).text!)).toBe('Зачислено: 125 ₽. Баланс: 625 ₽.')
    expect((await pressed(person, notice, 'Забрать')).text).toMatch(/уже на балансе/)
    await eventually(
      async () =>
        !(await who.messages()).some((one) => one.message_id === notice.message_id && hasKey(one, 'Забрать')),
      { what: 'the key has done its work and is gone' },
    )
    expect(await shop.has(BigInt(person))).toBe(62_500n)
  })

  test('a part of the sum: what came, what is left, a key to the same page, and only the rest by another way', async () => {
    const who = await newcomer()
    await toInvoice(who, /Cryptomus/)
    const vendor = shop.vendors['cryptomus']!.vendor
    await vendor.pay(invoiceOf('cryptomus')!.id, 'less', {})
    const notice = await who.hears(/Пришло 300 ₽ из 500 ₽[^]*Осталось 200 ₽/)
    const link = notice.inline_keyboard!.flat().find(({ url }) => url)!
    expect(link.text).toBe('Доплатить 200 ₽')
    const card = await who.hears(/Пришло 300 ₽ из 500 ₽, осталось 200 ₽[^]*Счёт действует до/)
    expect(card.inline_keyboard!.flat().find(({ url }) => url)).toMatchObject({
      text: link.text,
      url: link.url,
    })
    await who.say('/balance')
    const balance = await who.hears(/Пришло 300 ₽ из 500 ₽: зачислим/)
    expect(hasKey(balance, 'Доплатить 200 ₽')).toBe(true)
    // The next command has left the card where it was.
    expect((await who.messages()).some((one) => one.message_id === card.message_id)).toBe(true)
    await press(person, card, 'Сменить способ')
    await who.hears(/Осталось доплатить 200 ₽/)
    await vendor.pay(invoiceOf('cryptomus')!.id, 'rest', {})
    await who.hears(/Зачислено: 500/)
    expect(await shop.has(BigInt(person))).toBe(50_000n)
  })

  test('what was paid stays in the chat with its number, also in Stars, and stands in "my payments"', async () => {
    const who = await newcomer()
    await toInvoice(who, /Crypto Pay/)
    await pay('cryptopay', 'exact')
    const notice = await who.hears(/^✅ Зачислено: 500/)
    const number = /Номер ([0-9a-z]{16})/.exec(notice.text!)![1]!
    await who.say('/buy')
    await who.press(/^3 /)
    const invoice = await who.hears(/3 токена за/)
    const slug = invoice.inline_keyboard!.flat().find(({ url }) => url)!.url
    await fetch(`${shop.telegramUrl}/control/chats/main_bot/${person}/payments`, {
      method: 'POST',
      body: JSON.stringify({ slug }),
    })
    await who.hears(/Зачислено: 3 токена/)
    const paid = await who.hears(/Оплачено: 3 токена/)
    await who.say('/balance')
    await who.press(/Мои платежи/)
    const list = await who.hears(/Ваши платежи/)
    expect(list.inline_keyboard!.flat().filter(({ text }) => text.startsWith('✅'))).toHaveLength(2)
    for (const text of [number, 'Оплачено: 3 токена'])
      expect((await who.messages()).some((one) => (one.text ?? '').includes(text))).toBe(true)
    expect((await who.messages()).some((one) => one.message_id === paid.message_id)).toBe(true)
    await who.press(/^✅ 15 ⭐/)
    await who.hears(/Оплачено.*Зачислено: 3 токена/s)
  })

  test('tokens and a top-up by card are three taps from the menu, the same once more is two', async () => {
    const who = await newcomer()
    let [taps, sheets] = [0, 0]
    const tap = async (words: RegExp) => {
      taps++
      await who.press(words)
    }
    /** The last tap of each way opens a page or Telegram's own sheet, where one more tap pays. */
    const opens = async (text: RegExp, words: RegExp) => {
      const message = await who.hears(text)
      taps++
      const key = message.inline_keyboard!.flat().find((one) => one.url && words.test(one.text))
      return { slug: key!.url }
    }
    const payStars = (body: object) => {
      sheets++
      return fetch(`${shop.telegramUrl}/control/chats/main_bot/${person}/payments`, {
        method: 'POST',
        body: JSON.stringify(body),
      })
    }
    await who.say('/menu')
    await tap(/^Купить токены/)
    await tap(/^3 /)
    await payStars(await opens(/3 токена за/, /^Оплатить 15/))
    expect([taps, sheets]).toEqual([3, 1])
    await who.hears(/Зачислено: 3 токена/)
    taps = 0
    await tap(/^Купить ещё 3 токена/)
    await payStars(await opens(/3 токена за/, /^Оплатить 15/))
    expect([taps, sheets]).toEqual([2, 2])
    await eventually(async () => (await shop.has(BigInt(person), 'TOK')) === 6n)

    await who.say('/menu')
    await who.hears(/Магазин/)
    taps = 0
    await tap(/^Пополнить$/)
    await tap(/^500/)
    await opens(/Ждём оплату/, /^Оплатить 500/)
    expect(taps).toBe(3)
    const way = (
      await shop.db.rows(q<{ provider: string }>`
      select provider from payments where person_id = ${person} and provider <> 'stars'`)
    )[0]!.provider as VendorName
    await pay(way, 'exact')
    await who.hears(/Зачислено: 500/)
    await who.hears(/Оплачено/)
    taps = 0
    await tap(/^Пополнить ещё на 500/)
    await opens(/Ждём оплату/, /^Оплатить 500/)
    expect(taps).toBe(2)
    await pay(way, 'exact')
    await eventually(async () => (await shop.has(BigInt(person))) === 100_000n)
  })

  test('an expired invoice says not to pay twice and offers a new one', async () => {
    const who = await newcomer()
    await toInvoice(who, /Cryptomus/)
    await pay('cryptomus', 'decline')
    await who.hears(/Срок счёта вышел.*не платите второй раз/s)
    await who.press(/Новый счёт/)
    // Nothing was paid, so nothing is lacking: the bot makes a new invoice and says so.
    await who.hears(/Новый счёт на 500 ₽/)
  })

  test('a method that an admin has switched off is not offered, and its late money still arrives', async () => {
    const who = await newcomer()
    await toInvoice(who, /Crypto Pay/)
    const boss = await admin(OLEG)
    await boss.say('/providers')
    await boss.press(/Выключить Crypto Pay/)
    await boss.hears(/Crypto Pay.*Было: принимает.*Станет: выключена/s)
    await boss.press(/Сохранить/)
    await boss.hears(/Crypto Pay: выключена/)
    await who.say('/topup')
    const methods = await eventually(async () => {
      const seen = await who.hears(/Как пополнить/)
      return seen.text?.includes('CryptoBot') ? undefined : seen
    })
    expect(methods.inline_keyboard?.flat().some((one) => /Crypto Pay/.test(one.text))).toBe(false)
    await pay('cryptopay', 'exact')
    await who.hears(/Зачислено: 500/)
    await boss.press(/Включить Crypto Pay/)
    await boss.press(/Сохранить/)
    await boss.hears(/Crypto Pay: принимает/)
  })

  test('a permanent address is given once and its deposits credit by themselves', async () => {
    const who = await newcomer()
    await who.say('/wallets')
    await who.press(/USDT · tron/)
    const told = await who.hears(/Он ваш навсегда/)
    const address = /T[0-9A-F]{32}/.exec(told.text ?? '')?.[0]
    expect(address).toBeDefined()
    await shop.vendors['cryptomus']?.vendor.actions['deposit']?.({ address: address ?? '', amount: '12.5' })
    await who.hears(/Зачислено 12\.5 USDT/)
    await shop.vendors['cryptomus']?.vendor.actions['deposit']?.({ address: address ?? '', amount: '7' })
    await who.hears(/Зачислено 7 USDT/)
    expect(await shop.has(BigInt(person), 'USDT')).toBe(19_500_000n)
  })

  test('an admin sees a payment with its whole story and returns it, with the ledger reversed', async () => {
    const who = await newcomer()
    const id = person
    await toInvoice(who, /Карта РФ/)
    await pay('mulenpay', 'exact')
    await who.hears(/Зачислено: 500/)
    const boss = await admin(MAX)
    await boss.say('/payments')
    await boss.press(/✅ 500 ₽ · /)
    await boss.hears(/оплачен.*Обещано: 500.*создан.*уведомление.*проводка/s)
    await boss.press(/Вернуть деньги/)
    await boss.hears(/Возвращается вся сумма/)
    await boss.press(/Вернуть 500/)
    await who.hears(/Мы вернули вам 500/)
    expect(await shop.has(BigInt(id))).toBe(0n)
  })

  test('F116 a refund goes to the address that the payer gave, after it was checked for its network and shown once more', async () => {
    const who = await newcomer()
    await toInvoice(who, /Heleket/)
    await pay('heleket', 'exact')
    await who.hears(/Зачислено: 500/)
    const boss = await admin(ZOE)
    await boss.say('/payments')
    await boss.press(/✅ 500 ₽ · /)
    await boss.press(/Вернуть деньги/)
    await boss.press(/Спросить адрес/)
    await who.hears(/кроме вас, его здесь никто указать не может/)
    await who.press(/Указать адрес/)
    await who.hears(/в сети tron/)
    await who.say('EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N')
    await who.hears(/адрес другой сети \(ton\), а деньги пришли в сети tron/)
    await who.say('TXyz1234567890abcdefabcdefabcdefab')
    await who.hears(/не адрес сети tron/)
    await who.say('TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t')
    await who.hears(/Вернуть 500.*TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t.*Сеть: tron/s)
    await who.press(/это мой адрес/)
    await boss.hears(/Покупатель назвал адрес/)
    await boss.say('/payments')
    await boss.press(/✅ 500 ₽ · /)
    await boss.press(/Вернуть деньги/)
    await boss.hears(/Отправить 500.*TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t.*Сеть: tron/s)
    expect(await shop.has(BigInt(person))).toBe(50_000n)
    await boss.press(/Отправить 500/)
    await who.hears(/Мы вернули вам 500/)
    expect(await shop.has(BigInt(person))).toBe(0n)
  })

  test('where the provider refunds nothing the admin is told so before anything moves', async () => {
    const who = await newcomer()
    await toInvoice(who, /Crypto Pay/)
    await pay('cryptopay', 'exact')
    await who.hears(/Зачислено: 500/)
    const boss = await admin(MAX)
    await boss.say('/payments')
    await boss.press(/✅ 500 ₽ · /)
    await boss.press(/Вернуть деньги/)
    const told = await boss.hears(/не возвращает деньги/)
    expect(told.inline_keyboard?.flat().some((one) => one.text.startsWith('Вернуть'))).toBe(false)
  })
})
