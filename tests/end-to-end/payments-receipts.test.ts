import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '#shop/config.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { renewDue } from '#shop/loyalty/subscriptions/renew.ts'
import { cardsOf } from '#shop/loyalty/worker/card-pays.ts'
import { keptCard } from '#shop/payments/kept-cards.ts'
import { topUpRoubles } from '#shop/payments/offered.ts'
import { receiptEmail } from '#shop/payments/receipt-email.ts'
import { askRefund } from '#shop/payments/refunds.ts'
import { eventually } from '../lib/eventually.ts'
import { openPaymentShop, type PaymentShop } from '../lib/payment-shop.ts'
import { visit } from '../lib/phone.ts'
import { redisAvailable } from '../lib/requirements.ts'

const PERSON = 1001n

describe.skipIf(!redisAvailable())('receipts that the law asks for', () => {
  let shop: PaymentShop
  beforeAll(async () => {
    const env = { YOOKASSA_RECEIPT_VAT_CODE: '1', YOOKASSA_RECEIPT_TAX_SYSTEM: '2' }
    shop = await openPaymentShop({ vendors: ['yookassa'], telegram: true, env })
  })
  afterAll(() => shop.close())

  test('who pays where receipts are due types an e-mail once, and the receipts of payment and refund go there', async () => {
    const { settings, requests, vendor } = shop.vendors['yookassa']!
    settings['receipts'] = true
    const who = await visit(shop.telegramUrl, 'main_bot', { id: Number(PERSON), first_name: 'Аня' })
    await who.say('/topup')
    await who.press(/ЮKassa/)
    await who.press(/^500/)
    await who.hears(/Спросим один раз/)
    await who.say('аня@почта')
    await who.hears(/не похоже на электронную почту/)
    await who.say(' anna@example.ru ')
    await who.hears(/Ждём оплату/)
    const receiptOf = (call: string) => {
      const { body } = requests.findLast((one) => one.name === call && one.status === 200)!
      return (JSON.parse(body) as { receipt: Record<string, unknown> }).receipt
    }
    const receipt = {
      customer: { email: 'anna@example.ru' },
      items: [expect.objectContaining({ amount: { value: '500.00', currency: 'RUB' }, vat_code: 1 })],
      tax_system_code: 2,
    }
    await eventually(() => vendor.invoices().length > 0)
    expect(receiptOf('POST payments')).toEqual(receipt)
    await vendor.pay(vendor.invoices()[0]!.id, 'exact', {})
    await who.hears(/Зачислено: 500/)
    const [{ id } = { id: '' }] = await shop.db.rows(
      q<{ id: string }>`select id from payments where person_id = ${PERSON} and provider = 'yookassa'`,
    )
    await shop.db.tx((tx) => askRefund(tx, { paymentId: id, adminId: 77n, reason: 'x' }))
    await eventually(async () => (await shop.payment(id)).state === 'refunded')
    expect(receiptOf('POST refunds')).toEqual(receipt)
    // The second payment does not ask for the address again, and the address can be changed.
    await who.say('/topup')
    await who.press(/ЮKassa/)
    await who.press(/^500/)
    await eventually(() => vendor.invoices().length > 1)
    expect(receiptOf('POST payments')).toEqual(receipt)
    await who.say('/topup')
    await who.press(/ЮKassa/)
    await who.press(/Чек на anna@example.ru/)
    await who.hears(/Спросим один раз/)
    await who.say('work@example.ru')
    await who.hears(/Выберите сумму/)
    expect(await receiptEmail(shop.db, PERSON)).toBe('work@example.ru')
    // The page in the browser does not ask for an address, so its buyer is told to give it in the chat.
    const stranger = {
      app: { db: shop.db },
      bot: { name: 'main' },
      personId: 1n,
      language: 'ru',
      t: String,
    } as const
    const wish = { kopecks: '50000', draft: 'x' }
    await expect(topUpRoubles(stranger, shop.provider('yookassa'), wish)).rejects.toThrow('receipt.email')
  })

  test('a card is kept for renewals only where its payer says so, pays with a receipt, and is forgotten after a question', async () => {
    const { requests, vendor } = shop.vendors['yookassa']!
    const config = readConfig(shop.env)
    const cards = cardsOf({ config, settings: createSettings(shop.db, config) })
    const charged = () => requests.filter(({ body }) => body.includes('payment_method_id'))
    const who = await visit(shop.telegramUrl, 'main_bot', { id: Number(PERSON), first_name: 'Аня' })
    await shop.db.rows(q`
      insert into subscriptions (id, person_id, plan, bot, paid_with, renews, expires_at)
      values ('kept', ${PERSON}, 'plus', 'main', 'balance', true, now() + interval '1 day')`)
    await who.say('/subscription')
    await who.press(/Продлевать с карты/)
    await who.hears(/хотя бы за сутки/)
    const before = vendor.invoices().length
    await who.press(/^Оплатить .* и запомнить/)
    await eventually(() => vendor.invoices().length > before)
    const made = vendor.invoices().at(-1)!
    const asked = requests.findLast(({ name }) => name === 'POST payments')!
    expect(asked.body).toContain('"save_payment_method":true')
    await vendor.pay(made.id, 'exact', {})
    await who.hears(/Зачислено: 300/)
    await shop.db.rows(q`update subscriptions set expires_at = now() where id = 'kept'`)
    // The roubles of the payment pay for this renewal, and what the card pays is told before the next one.
    await renewDue(shop.db, cards)
    await who.hears(/продлена за 30/)
    await shop.db.rows(q`update subscriptions set expires_at = now() where id = 'kept'`)
    await renewDue(shop.db, cards)
    await who.hears(/продлится с карты •• 4477[\s\S]*не хватает 300/)
    expect(charged()).toEqual([])
    await shop.db.rows(q`update card_renewals set next_at = now()`)
    await renewDue(shop.db, cards)
    await who.hears(/С карты •• 4477 списано 300/)
    expect(charged()).toHaveLength(1)
    expect(charged()[0]!.body).toContain('"customer":{"email":"work@example.ru"}')
    await shop.db.rows(q`update card_renewals set next_at = now()`)
    await renewDue(shop.db, cards)
    await who.hears(/продлена за 30/)
    await who.say('/subscription')
    await who.press(/Забыть карту •• 4477/)
    await who.hears(/больше ничего не спишется/)
    expect(await keptCard(shop.db, PERSON)).toBeDefined()
    await who.press(/Да, забыть карту/)
    await eventually(async () => (await keptCard(shop.db, PERSON)) === undefined)
  })
})
