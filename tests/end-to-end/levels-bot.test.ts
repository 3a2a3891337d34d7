import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { post, transfer } from '#shared/money/ledger.ts'
import { addCode, createCampaign } from '#shop/loyalty/promo/campaigns.ts'
import { inviteCode } from '#shop/loyalty/referrals/referrals.ts'
import { eventually } from '../lib/eventually.ts'
import { openPaymentShop } from '../lib/payment-shop.ts'
import type { PaymentShop } from '../lib/payment-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { visit } from '../lib/phone.ts'

const OWNER = 77

describe.skipIf(!redisAvailable())('promo codes, friends, levels, subscriptions and keys in the bot', () => {
  let shop: PaymentShop
  beforeAll(async () => {
    shop = await openPaymentShop({ vendors: [], telegram: true })
  })
  afterAll(() => shop.close())
  const person = (id: number) => visit(shop.telegramUrl, 'main_bot', { id, first_name: `П${id}` })

  test('an admin makes a code by one line; a person sees its effect, applies it once, and buys a plan with it', async () => {
    // The limits are raised so that the only admin of this shop may make a hundred bonuses of 1,000 tokens alone.
    await shop.db.rows(q`
      insert into settings (bot, key, value)
      values ('', 'decision-second-above', '"200000000"'), ('', 'decisions-per-day', '"200000000"')`)
    const owner = await person(OWNER)
    await owner.say('/admin')
    await owner.press(/Промокоды/)
    await owner.press(/Новая кампания/)
    await owner.hears(/одной строкой/)
    await owner.say('tokens 40 hello 2')
    await owner.hears(/Создать промокод.*Токены: 40.*использований всего: 2/s)
    await owner.press(/^Создать$/)
    await owner.hears(/осталось: 2/)
    await owner.press(/Назад/)
    await owner.press(/Новая кампания/)
    await owner.hears(/одной строкой/)
    for (const [line, answer] of [
      ['percent 20 spring 100 untill=2099-03-01', /Не понимаю/],
      ['days 5 free 10 plan=nothing', /Такой подписки или такого бота нет/],
      [
        'percent 20 spring 1 until=2099-02-28 min=50 max=1000 per=2',
        /К пополнению, %: 20\nУсловия:.*по 2099-02-28 включительно/,
      ],
    ] as const) {
      await owner.say(line)
      await owner.hears(answer)
    }
    await owner.press(/^Создать$/)
    await owner.hears(/осталось: 1/)
    // More codes than a page shows, so that the older ones must be reached by paging.
    await shop.db.rows(q`
      insert into promo_campaigns (name, kind, value, created_by)
      select 'later ' || n, 'tokens', 1, 1 from generate_series(1, 9) n`)
    await owner.say('/admin')
    await owner.press(/Промокоды/)
    await owner.hears(/Промокампании: 11/)
    await owner.press(/Раньше/)
    await owner.press(/^hello/i)
    await owner.hears(/Токены: 40/)
    const who = await person(2_001)
    await who.say('/promo')
    await who.hears(/Напишите промокод/)
    await who.say(' Hello ')
    await who.hears(/HELLO[\s\S]*40 токенов/)
    await who.press(/Применить/)
    await who.hears(/Промокод применён/)
    await who.say('/promo hello')
    await who.hears(/уже использовали/)
    await who.say('/promo spring')
    await who.hears(
      /\+20 % к следующему пополнению\. Пополнение от 50 токенов\. Бонус не больше 1 000 токенов/,
    )
    await who.say('/subscription')
    await who.press(/Плюс/)
    // The price changes while the screen is open, and nobody pays another price than they have read.
    await shop.db.rows(q`update plans set price_tokens = 29 where code = 'plus'`)
    const changed = await who.press(/Оформить · 30 токенов/)
    expect(changed.text).toMatch(/изменились.*ничего не списано/)
    await shop.db.rows(q`update plans set price_tokens = 30 where code = 'plus'`)
    const back = await who.press(/Оформить · 29 токенов/)
    expect(back.text).toMatch(/изменились/)
    expect(await shop.has(2_001n, 'TOK')).toBe(40n)
    await who.press(/Оформить · 30 токенов/)
    await who.hears(/Плюс.*продлится/)
    await who.press(/Не продлевать/)
    expect(await shop.has(2_001n, 'TOK')).toBe(10n)
    await who.say('/profile')
    await who.hears(/Уровень 1/)
    await who.press(/Мой уровень/)
    await who.hears(/🔒 Неделя подряд/)
    await shop.db.rows(
      q`insert into progress (person_id, xp) values (2001, 500), (${OWNER}, 100)
        on conflict (person_id) do update set xp = excluded.xp`,
    )
    await who.press(/Лучшие/)
    // The list shows nobody's name to others without being asked.
    const best = await who.hears(/Лучшие во всех ботах/)
    expect(best.text).toContain('Покупатель')
    expect(best.text).not.toContain(`П${OWNER}`)
    const others = await person(2_002)
    await who.press(/Показывать моё имя/)
    await who.hears(/Лучшие во всех ботах/)
    const name = (
      await shop.db.rows(q<{ name: string }>`select first_name as name from persons where id = 2001`)
    )[0]!.name
    await others.say('/top')
    await others.hears(new RegExp(name))
    await who.press(/Скрыть моё имя/)
    await others.say('/top')
    await eventually(async () => !(await others.hears(/Лучшие во всех ботах/)).text?.includes(name), {
      what: 'no name',
    })
    // The owner hides levels in this bot, and no screen names them.
    await owner.say('/admin')
    for (const key of [/Настройки/, /Уровни/, /^Уровни, значки/, /Только main/, /^Изменить для main/])
      await owner.press(key)
    await owner.hears(/«да» или «нет»/)
    await owner.say('нет')
    await owner.press(/^Сохранить/)
    await owner.hears(/Сейчас в main: —/)
    await others.say('/top')
    await others.hears(/не знаю такой команды/)
    await others.say('/profile')
    const hidden = await others.hears(/Ваш id: 2002/)
    expect(JSON.stringify([hidden.text, hidden.inline_keyboard])).not.toMatch(/уров|XP/i)
    // The same key stops news and lets them come again.
    await who.say('/profile')
    await who.press(/Не присылать рассылки/)
    await who.press(/^Присылать рассылки/)
    await who.press(/^Не присылать рассылки/)
  })

  test.each([
    ['ru', 2_050, /Такого промокода нет/, /40 токенов/],
    ['en', 2_051, /There is no such promo code/, /40 tokens/],
  ] as const)(
    'after a mistyped code the bot still waits for the right one, also behind a command: %s',
    async (language, id, wrong, offered) => {
      const who = await visit(shop.telegramUrl, 'main_bot', {
        id,
        first_name: `P${id}`,
        language_code: language,
      })
      for (const typed of ['/promo helo', 'hellooo']) {
        await who.say(typed)
        await eventually(async () => {
          const told = (await who.messages()).filter(({ text }) => wrong.test(text ?? ''))
          return told.length === (typed === 'hellooo' ? 2 : 1)
        })
      }
      await who.say('hello')
      await who.hears(offered)
    },
  )

  test('one press of an offer is one use of its code, however often it is handled, also where two are allowed', async () => {
    const id = await createCampaign(shop.db, {
      name: 'twice',
      kind: 'tokens',
      value: 9n,
      perPerson: 2,
      createdBy: 1n,
    })
    const code = await addCode(shop.db, id, 'A234567890123456789012345678901234567890', 10)
    const who = await person(2_020)
    await who.say(`/promo ${code}`)
    await who.hears(/9 токенов на ваш баланс/)
    // Telegram carries the edit out and its answer is lost, so the press is handled again.
    await fetch(`${shop.telegramUrl}/control/faults`, {
      method: 'POST',
      body: JSON.stringify({ on: 'call', method: 'editMessageText', times: 2, do: { drop: 'after' } }),
    })
    await who.press(/Применить/)
    await who.hears(/Промокод применён/)
    await who.say('/help')
    await who.hears(/Что здесь можно сделать/)
    expect(await shop.has(2_020n, 'TOK')).toBe(9n)
    await who.say(`/promo ${code}`)
    await who.press(/Применить/)
    await expect.poll(() => shop.has(2_020n, 'TOK'), { timeout: 60_000 }).toBe(18n)
  })

  test('codes in bulk are made once, also when their file has to be sent again', async () => {
    const owner = await person(OWNER)
    await owner.say('/admin')
    await owner.press(/Промокоды/)
    await owner.press(/Новая кампания/)
    await owner.hears(/одной строкой/)
    await fetch(`${shop.telegramUrl}/control/faults`, {
      method: 'POST',
      body: JSON.stringify({ on: 'call', method: 'sendDocument', times: 1, do: { drop: 'after' } }),
    })
    await owner.say('tokens 3 *20 1 name=bulk')
    await owner.hears(/bulk[\s\S]*Кодов: 20, использований всего: 20/)
    await owner.press(/^Создать$/)
    await owner.hears(/bulk[\s\S]*Кодов: 20, использований: 0/)
    const made = await shop.db.rows(q`
      select (select count(*) from promo_codes k where k.campaign_id = c.id)::int as codes
      from promo_campaigns c where name = 'bulk'`)
    expect(made).toEqual([{ codes: 20 }])
    await owner.say('/admin')
    await owner.press(/Журнал/)
    const journal = await owner.hears(/кодов: 20/)
    expect(journal.text).not.toContain('update')
  })

  test('a friend who comes by the link is counted; one who was here before is not (F64)', async () => {
    const inviter = await person(2_002)
    const old = await person(2_003)
    await old.hears(/Магазин/)
    await shop.db.rows(
      q`update bot_sessions set created_at = now() - interval '1 day' where person_id = 2003`,
    )
    await old.say(`/start r_${inviteCode(2_002n)}`)
    await old.hears(/уже были у нас раньше/)
    await inviter.say(`/start r_${inviteCode(2_002n)}`)
    await inviter.hears(/ваша собственная ссылка/)
    const control = `${shop.telegramUrl}/control`
    await fetch(`${control}/people`, {
      method: 'POST',
      body: JSON.stringify({ id: 2_004, first_name: 'Н', language_code: 'ru' }),
    })
    await fetch(`${control}/chats/main_bot/2004/start?param=r_${inviteCode(2_002n)}`, { method: 'POST' })
    await inviter.say('/friends')
    await inviter.hears(/оплаты друга вам — 10 %\. С оплат друзей ваших друзей — 2 %\./)
    await expect
      .poll(() => shop.db.rows(q`select person_id from referrals order by 1`), { timeout: 60_000 })
      .toEqual([{ person_id: 2_004n }])
  })

  test('a gift is for the one who has the name now, and they are told who it is from and until when', async () => {
    const giver = await person(2_010)
    const friend = await person(2_011)
    await friend.hears(/Магазин/)
    await shop.db.rows(q`
      insert into persons (id, username, updated_at) values (2012, 'friend_of_all', now() - interval '1 year')`)
    await shop.db.rows(q`update persons set username = 'friend_of_all', updated_at = now() where id = 2011`)
    await giver.hears(/Магазин/)
    await shop.db.tx((tx) =>
      post(
        tx,
        transfer(
          { system: 'promo' },
          { person: 2_010n },
          { asset: 'TOK', amount: 40n },
          { reference: 'gift-2010', kind: 'promo' },
        ),
      ),
    )
    await giver.say('/subscription')
    await giver.press(/Плюс/)
    await giver.press(/Подарить · 30 токенов/)
    await giver.hears(/Кому подарить/)
    await giver.say('@Friend_of_all')
    await giver.hears(/Подписка подарена: П2011/)
    const told = await friend.hears(/П2010 дарит вам подписку Плюс/)
    expect(told.text).toMatch(/до \d\d\.\d\d\.20\d\d/)
    expect(await shop.has(2_010n, 'TOK')).toBe(10n)
  })

  test('the owner makes a key of the Balance API, it works, and revokes it', async () => {
    const owner = await person(OWNER)
    await owner.say('/admin')
    await owner.press(/Ключи API/)
    await owner.press(/Новый ключ/)
    await owner.hears(/Для какого бота/)
    await owner.say('trainer')
    await owner.press(/Да, новый проект trainer/)
    const shown = await owner.hears(/Ключ для trainer/)
    expect(shown.text).toMatch(/tk_[\w-]{43}/)
    await owner.press(/Отозвать trainer/)
    await owner.press(/Да, отозвать ключ trainer/)
    await expect
      .poll(() => shop.db.rows(q`select bot from api_keys where revoked_at is null`), { timeout: 60_000 })
      .toEqual([])
  })
})
