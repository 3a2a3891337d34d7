import { expect, test } from 'vitest'
import { isSigned, sign } from '#shop/payments/providers/cryptomus-engine/signature.ts'
import { cryptoPaySignature } from '#shop/payments/providers/cryptopay.ts'
import { callbackSignature, createSignature } from '#shop/payments/providers/mulenpay.ts'

const KEY = 'test_payment_key'
const EVENT =
  '{"type":"payment","uuid":"62f88b36-a9d5-4fa6-aa26-e040c3dbf26d","order_id":"ord_1","amount":"3.00000000","payment_amount":"3.00000000","payment_amount_usd":"0.23","merchant_amount":"2.94000000","commission":"0.06000000","is_final":true,"status":"paid","from":"THgEWubVc8tPKXLJ4VZ5zbiiAK7AgqSeGH","wallet_address_uuid":null,"network":"tron","currency":"TRX","payer_currency":"TRX","additional_data":"a\\/b тест","txid":"6f0d9c8374db57cac0d806251473de754f361c83a03cd805f74aa9da3193486b"}'
const withSign = (body: string, value: string) => Buffer.from(`${body.slice(0, -1)},"sign":"${value}"}`)

test('Cryptomus signs the exact bytes of a request, whatever the slashes look like', () => {
  const body =
    '{"amount":"10.28","currency":"USD","order_id":"ord_1","url_callback":"https://shop.example/cb"}'
  expect(sign(body, KEY)).toBe('aacd905f52949a28ce2ea8d7e5d79b89')
  expect(sign(body.replaceAll('/', '\\/'), KEY)).toBe('fd171fd669ddc10b5f7922519b9c879f')
  expect(sign('', KEY)).toBe('462da873956a0aee32803a9da74a7ac3')
})

test('the signature of a Cryptomus webhook is verified over JSON as PHP encodes it', () => {
  expect(isSigned(withSign(EVENT, '3d96fd887e65164c080822d0df977c5d'), [KEY])).toBe(true)
  expect(isSigned(withSign(EVENT, '3d96fd887e65164c080822d0df977c5d'), ['another', KEY])).toBe(true)
  expect(isSigned(withSign(EVENT, '3d96fd887e65164c080822d0df977c5d'), ['another'])).toBe(false)
})

test('a Cryptomus webhook signed over unescaped slashes is refused', () => {
  const bare = EVENT.replace('a\\/b', 'a/b')
  expect(sign(bare, KEY)).toBe('df9cad20894edc96db7988980bbd4485')
  expect(isSigned(withSign(EVENT, 'df9cad20894edc96db7988980bbd4485'), [KEY])).toBe(false)
  expect(isSigned(withSign(bare, 'df9cad20894edc96db7988980bbd4485'), [KEY])).toBe(false)
})

test('numbers that JSON.parse would change do not break the verification', () => {
  for (const body of ['{"uuid":"u","rate":10.0,"big":12345678901234567890}', '{"b":1,"2":"x","1":"y"}']) {
    expect(isSigned(withSign(body, sign(body, KEY)), [KEY]), body).toBe(true)
    expect(isSigned(withSign(body.replace('"', '"x'), sign(body, KEY)), [KEY])).toBe(false)
  }
  const first = '{"sign":"' + sign('{"rate":10.0}', KEY) + '","rate":10.0}'
  expect(isSigned(Buffer.from(first), [KEY])).toBe(true)
})

test('a body that is not a signed object is refused, and nothing is thrown', () => {
  for (const body of [
    '',
    '[]',
    'null',
    '{"sign":1}',
    '{"a":1}',
    '{',
    '"sign"',
    `{"sign":"${'0'.repeat(32)}"}`,
  ]) {
    expect(isSigned(Buffer.from(body), [KEY]), body).toBe(false)
  }
  expect(isSigned(withSign(EVENT, sign(EVENT, '')), [''])).toBe(false)
})

test('MulenPay signs the fields of a payment as texts, with the uuid among them where the switch says so', () => {
  const payment = { currency: 'rub', amount: '1000.50', shopId: 5 }
  expect(createSignature(payment, 'secret')).toBe('ce023dc594d7c46a4c1a8c1cf01964fceb2d5d6f')
  expect(createSignature({ ...payment, uuid: 'invoice_123' }, 'secret')).toBe(
    'f02426ac9ca153c9f35c347933389044a8b98c72',
  )
})

test('an optional sign of a MulenPay callback is understood in both spellings of the sum', () => {
  const sign = '563c019fb1dd0992c11f8a5cce155ac8b2405393'
  const body = (value: string) =>
    `{"id":12345,"amount":100.50,"currency":"RUB","uuid":"external-uuid-123","payment_status":"success"${value}}`
  expect(callbackSignature(body(`,"sign":"${sign}"`), 'secret')).toBe('valid')
  expect(callbackSignature(body(`,"sign":"${sign}"`), 'other')).toBe('wrong')
  expect(callbackSignature(body(''), 'secret')).toBe('absent')
})

test('Crypto Pay signs the raw body with the digest of the token', () => {
  const body =
    '{"update_id":1,"update_type":"invoice_paid","request_date":"2026-01-01T00:00:00.000Z","payload":{"invoice_id":7,"status":"paid"}}'
  expect(cryptoPaySignature(Buffer.from(body), '12345:AAtest')).toBe(
    '7aeb04c6bf9dd128389b332458b58782a61c46b8c207827ef763f876c80ff9d3',
  )
})
