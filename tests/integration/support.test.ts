import { sql as q } from 'kysely'
import { beforeAll, describe, expect } from 'vitest'
import { newId } from '#shared/ids.ts'
import { createPayment } from '#shop/payments/payments.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

let shop: Shop
let boss: Customer
beforeAll(async () => {
  shop = await openShop({ workers: ['bot'] })
  boss = await shop.person({ id: ADMIN, language_code: 'en' })
  await boss.start()
})

const kept = (person: Customer) =>
  shop.db.rows(q<{ text: string; admin: bigint | null; payment: string | null }>`
    select text, admin_id as admin, payment_id as payment from support_messages
    where person_id = ${person.id} order by created_at`)

async function customer(language = 'en'): Promise<Customer> {
  const person = await shop.person({ language_code: language, first_name: 'Ann' })
  await person.start()
  await person.key(language === 'en' ? 'Balance' : 'Баланс')
  return person
}

describe('support without a contact of the owner', () => {
  test('a person writes in the bot, every admin is told, and the answer comes back with a key to answer it', async () => {
    const person = await customer()
    await person.say('/support')
    await person.hears('Write here what happened')
    await person.say('Where are my <tokens>?')
    await person.hears('Support has your message')
    await boss.hears('Where are my <tokens>?')
    await boss.press('Answer')
    await boss.hears('Write the message')
    await boss.say('They are <here>.')
    await boss.hears(/This is what customer[^]*They are <here>\./)
    expect(await kept(person), 'nothing is sent before the yes').toHaveLength(1)
    const { message, key } = await boss.key('Send')
    await Promise.all([1, 2].map(() => boss.tap(message.message_id, key.callback_data!)))
    await boss.hears(/Sent to customer/)
    await person.hears(/A message from support[^]*They are <here>\./)
    expect(await kept(person), 'two taps are one message').toHaveLength(2)
    await person.press('Answer')
    await person.say('Thank you')
    await boss.hears(/Ann[^]*Thank you/)
  })

  test('plain words after a message of support are the answer to it, about the same payment', async () => {
    const person = await customer()
    const id = newId()
    await createPayment(shop.db, {
      id,
      personId: BigInt(person.id),
      bot: 'main',
      provider: 'manual',
      asset: 'RUB',
      amount: 50_000n,
      creditAsset: 'RUB',
      creditAmount: 50_000n,
    })
    await person.say('/paysupport')
    await person.press('It is about a payment or an order')
    await person.press('₽500')
    await person.hears(`Write what happened to ${id}`)
    await person.say('It does not come')
    await boss.hears(new RegExp(`About payment ${id}[^]*It does not come`))
    expect(await boss.shows('Open the payment')).toBe(true)
    await boss.press('Answer')
    await boss.say('Which bank?')
    await boss.press('Send')
    await person.hears(/About payment[^]*Which bank\?/)
    await person.say('/balance')
    await person.hears('Your balance')
    await person.say('The green one')
    await boss.hears(new RegExp(`About payment ${id}[^]*The green one`))
    expect((await kept(person)).map(({ payment }) => payment)).toEqual([id, id, id])
  })

  test('words that answer nothing are not taken for a question to support', async () => {
    const person = await customer()
    await person.say('hello')
    await person.hears(/waiting for|did not understand/i)
    expect(await kept(person)).toEqual([])
  })

  test('speaks Russian, and tells a person who has written ten messages in an hour that this is the limit', async () => {
    const person = await customer('ru')
    await person.say('/support')
    await person.hears('Напишите сюда, что случилось')
    for (let n = 1; n <= 10; n++) {
      await person.say(`вопрос ${n}`)
      await eventually(async () => (await kept(person)).length === n, { what: `message ${n} is kept` })
    }
    await person.say('вопрос 11')
    await person.hears('За час можно отправить 10 сообщений')
    expect(await kept(person)).toHaveLength(10)
  })
})
