import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { createMailing } from '#shop/mailings/mailings.ts'
import { createRequest } from '#shop/payments/requests.ts'
import { barriersOn } from '../lib/barriers.ts'
import { repository } from '../lib/compose.ts'
import { panelLink } from '../lib/panel.ts'
import { chromiumPath, redisAvailable } from '../lib/requirements.ts'
import { ASKS, shelfOf } from '../lib/shelf.ts'
import { ADMIN, openShop } from '../lib/shop.ts'

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
const PATIENCE_MS = 120_000
const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } }
/** The names of all pages, as the panel shows them. */
const PAGES = [
  ...readFileSync(join(repository, 'web/src/panel/pages.tsx'), 'utf8').matchAll(/case '([\w-]*)':/g),
].map(([, name]) => name!)
/** With `SCREENSHOTS=docs/screenshots` the pictures of the pages are kept in that folder. */
const PICTURES = process.env['SCREENSHOTS']

/** The forms, each with a text that it has when it is there. */
const forms = (made: Readonly<Record<string, string>>): [place: string, ready: string | RegExp][] => [
  ['new/plan', 'Название по-русски'],
  ['new/role', 'Роль'],
  ['new/mailing', 'Текст'],
  ['new/category', 'Внутри категории'],
  ['plan/pro', 'Название по-русски'],
  [`item/${made['access']}`, 'Дней'],
  [`stock/${made['stock']}`, 'Ключи'],
  [`content/${made['text']}`, 'Текст'],
  [`file/${made['file']}`, 'Отправить файл'],
  [`chat/${made['access']}`, 'Канал или группа'],
  [`category/${made['category']}`, 'Внутри категории'],
  [`mailing/${made['mailing']}`, 'Посмотреть, что получится'],
  [`mailing-edit/${made['mailing']}`, 'Текст'],
  [`mailing-test/${made['mailing']}`, 'Посмотреть, что получится'],
  [`order/${made['order']}`, 'История'],
  ['nowhere', 'Такой страницы нет'],
]

describe.skipIf(!chromiumPath() || !redisAvailable())('the panel in Chromium', () => {
  let shop: Awaited<ReturnType<typeof openShop>>
  let browser: Browser
  /** What the pages of forms are about. */
  const made: Record<string, string> = {}

  beforeAll(async () => {
    const env = { PUBLIC_URL: 'https://shop.example' }
    ;[shop, browser] = await Promise.all([
      openShop({ env }),
      chromium.launch({ executablePath: chromiumPath()!, args: FLAGS, timeout: PATIENCE_MS }),
    ])
    await (await owner()).start()
    for (const [at, first_name] of ['Анна', 'Борис', '=HYPERLINK("x")'].entries()) {
      const person = await shop.person({ first_name, language_code: 'ru', username: `buyer_${at}` })
      await person.start()
      await person.key(/./)
      const id = newId()
      await createRequest(shop.db, {
        id,
        personId: BigInt(person.id),
        bot: 'main',
        method: 'card_ru',
        pay: { asset: 'RUB', amount: 30_000n },
        credit: { asset: 'TOK', amount: 30n },
      })
      await shop.db.rows(q`update payments set state = 'pending' where id = ${id}`)
    }
    const shelf = await shelfOf(shop)
    const terms = { hours: 24, asks: ASKS }
    const item = await shelf.item({ kind: 'service', name: { ru: 'Прокачка', en: 'Boost' }, terms })
    const anna = await shop.person({ first_name: 'Анна', last_name: 'Соколова', language_code: 'ru' })
    await anna.start()
    await anna.key(/./)
    await shelf.give(BigInt(anna.id), 500n)
    const order = { id: newId(), bot: 'main' }
    await shelf.buy(shelf.service(BigInt(anna.id), item, ['Neo', 'EU'], order))
    made['order'] = order.id
    for (const kind of ['stock', 'text', 'file', 'access']) {
      const name = { ru: `Товар ${kind}`, en: kind }
      made[kind] = String(await shelf.item({ kind, name, ...(kind === 'access' && { terms: { days: 30 } }) }))
    }
    const [games] = await shop.db.rows(q<{ id: string }>`
      insert into shelf_categories (name) values ('{"ru": "Игры", "en": "Games"}') returning id::text`)
    made['category'] = games!.id
    made['mailing'] = newId()
    await createMailing(shop.db, { id: made['mailing'], bot: 'main', createdBy: BigInt(ADMIN) })
    await shop.db.rows(q`
      update broadcasts set contents = '{"": {"text": "Большая распродажа", "media": [], "buttons": [], "sources": {}}}'`)
    await shop.db.rows(q`
      insert into outbox (key, job, payload, state, reason)
      values (${newId()}, 'payment.draw', '{"paymentId": "x", "bot": "main", "round": "x"}', 'dead', 'gave up')`)
    const asked = { id: newId(), bot: 'main', person_id: BigInt(anna.id), text: 'Когда будет готово?' }
    await shop.db.rows(q`
      insert into support_messages (id, bot, person_id, text)
      values (${asked.id}, ${asked.bot}, ${asked.person_id}, ${asked.text})`)
  })
  afterAll(() => browser?.close())

  const owner = (language_code = 'ru') => shop.person({ id: ADMIN, first_name: 'Ольга', language_code })

  /** An owner opens the panel in a browser of their own, by the link that the bot gave them. */
  async function visit({
    size = 'desktop',
    dark = false,
  }: { size?: keyof typeof SIZES; dark?: boolean } = {}) {
    const me = await owner()
    const code = await panelLink(me)
    const context = await browser.newContext({
      viewport: SIZES[size],
      reducedMotion: 'reduce',
      colorScheme: dark ? 'dark' : 'light',
      locale: 'ru-RU',
    })
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    const complaints: string[] = []
    const seen = new Set<string>()
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (line) => {
      if (line.type() === 'error' && !/status of 4\d\d|ERR_FAILED/.test(line.text()))
        complaints.push(line.text())
    })
    await page.goto(`${shop.url}/panel#${code}`)
    return {
      me,
      code,
      page,
      seen,
      /** Goes to a page by its address, as a link of ours does. */
      async go(place: string) {
        await page.evaluate(
          `history.pushState(null, '', '/panel/${place}'); dispatchEvent(new PopStateEvent('popstate'))`,
        )
        await page.locator('main form, main .card, main table, main .note, main p').first().waitFor()
      },
      heading: (words: RegExp) => page.getByRole('heading', { level: 1, name: words }).waitFor(),
      async look(name: string) {
        seen.add(/\/panel\/([\w-]+)/.exec(page.url())?.[1] ?? '')
        expect(await barriersOn(page), `${name}, ${size}, ${dark ? 'dark' : 'light'}`).toEqual([])
        const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
        expect(wide, `${name} is wider than the screen, ${size}`).toBe(false)
        if (!PICTURES) return
        mkdirSync(PICTURES, { recursive: true })
        const file = `panel-${name}-${size}-${dark ? 'dark' : 'light'}.png`
        await page.screenshot({ path: join(PICTURES, file) })
      },
      async close() {
        await context.close()
        expect(complaints).toEqual([])
      },
    }
  }

  test('F100 the link opens the panel, a reload keeps it open, and another browser with the same link is told why not', async () => {
    const one = await visit()
    await one.heading(/Главное/)
    // The address has no secret, so whoever copies it gets nothing.
    expect(one.page.url()).toBe(`${shop.url}/panel`)
    await one.page.reload()
    await one.heading(/Главное/)
    const other = await (await browser.newContext({ locale: 'ru-RU' })).newPage()
    await other.goto(`${shop.url}/panel#${one.code}`)
    await other.getByText('Ссылка уже сработала или устарела').waitFor()
    await other.context().close()
    await one.page.getByRole('link', { name: 'Где открыта панель' }).click()
    await one.page.getByText('этот браузер').waitFor()
    await one.page.getByRole('button', { name: 'Закрыть везде' }).click()
    await one.page.getByText('Вход в панель закончился').waitFor()
    await one.close()
  })

  test('three requests are approved at once by keyboard, each reports for itself, and what is shown is saved; a correction whose answer is lost is made once, also after Back', async () => {
    const one = await visit()
    await one.heading(/Главное/)
    await one.page
      .getByRole('link', { name: /Заявки/ })
      .last()
      .click()
    await one.page.getByRole('table').waitFor()
    const saved = one.page.waitForEvent('download')
    await one.page.getByRole('button', { name: 'Сохранить CSV' }).press('Enter')
    const file = readFileSync((await (await saved).path())!, 'utf8')
    expect(file.trim().split('\r\n')).toHaveLength(4)
    expect(file).toContain('"\'=HYPERLINK')
    one.page.on('dialog', (dialog) => void dialog.accept())
    const first = one.page.waitForEvent('download')
    await one.page.locator('tbody input[type=checkbox]').first().press('Space')
    await one.page.getByRole('button', { name: 'Сохранить выбранные в CSV' }).press('Enter')
    expect(
      readFileSync((await (await first).path())!, 'utf8')
        .trim()
        .split('\r\n'),
    ).toHaveLength(2)
    await one.page.getByLabel('Выбрать всё на странице').press('Space')
    await one.page.getByText('Выбрано: 3').waitFor()
    await one.page.getByRole('button', { name: /Подтвердить|Зачислить/ }).press('Enter')
    await one.page.getByText('Подтвердите в Telegram').waitFor()
    await one.me.press(/Да, это я/)
    await one.page.getByText('✓ Зачислено.').nth(2).waitFor()
    await one.page.getByText('Здесь пусто').waitFor()
    const buyer = await shop.person({ language_code: 'ru' })
    await buyer.start()
    await buyer.key(/./)
    const correct = async () => {
      await one.page.getByLabel('Сумма').fill('50')
      await one.page.getByLabel('Причина').fill('Компенсация за сбой')
      await one.page.getByRole('button', { name: 'Посмотреть, что получится' }).click()
      await one.page.getByRole('button', { name: 'Изменить баланс' }).click()
    }
    await one.go(`adjust/${buyer.id}`)
    await one.page.route('**/adjust/save', (route) => route.fetch().then(() => route.abort()), { times: 1 })
    await correct()
    await one.page.getByText('дважды это не сработает').waitFor()
    await one.page.goBack()
    await one.heading(/Заявки/)
    await one.page.goForward()
    await correct()
    await one.page.getByText('Последние операции').waitFor()
    const [corrected] = await shop.db.rows(q<{ times: number }>`
      select count(*)::int as times from adjustments where person_id = ${buyer.id}`)
    expect(corrected).toEqual({ times: 1 })
    // A file on a slow line shows how much of it has left.
    await one.go(`file/${made['file']}`)
    const late = Promise.withResolvers<void>()
    await one.page.route('**/file?name=*', (route) => late.promise.then(() => route.continue()), { times: 1 })
    const guide = {
      name: 'guide.bin',
      mimeType: 'application/octet-stream',
      buffer: Buffer.alloc(300_000, 7),
    }
    await one.page.getByLabel('Файл').setInputFiles(guide)
    await one.page.getByRole('button', { name: 'Отправить файл' }).click()
    await one.page.getByRole('progressbar', { name: 'Отправляем…' }).waitFor()
    late.resolve()
    await one.page.getByText('guide.bin').waitFor()
    await one.close()
  })

  test.each([
    ['phone', true],
    ['desktop', false],
  ] as const)('no page has a barrier that axe finds: %s, dark %s', async (size, dark) => {
    const one = await visit({ size, dark })
    await one.heading(/Главное/)
    await one.page.getByText('Сегодня').waitFor()
    await one.look('home')
    const section = (name: string) =>
      one.page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
    await section('Где открыта панель')
    await one.page.getByText('этот браузер').waitFor()
    await one.look('sessions')
    const lists: [name: string, file: string][] = [
      ['Заявки', 'requests'],
      ['Платежи', 'payments'],
      ['Заказы', 'orders'],
      ['Услуги', 'services'],
      ['Согласовать', 'corrections'],
      ['Покупатели', 'people'],
      ['Вопросы', 'questions'],
      ['Ошибки', 'letters'],
      ['Журнал', 'audit'],
      ['Рассылки', 'mailings'],
      ['Промокоды', 'promo'],
      ['Подписки', 'plans'],
      ['Свои товары', 'items'],
      ['Категории', 'categories'],
      ['Состояние', 'health'],
      ['Роли', 'roles'],
    ]
    for (const [name, file] of lists) {
      await section(name)
      await one.heading(new RegExp(name))
      await one.page.locator('main table, main .note').first().waitFor()
      await one.look(file)
    }
    await section('Платежи')
    await one.page.getByRole('table').getByRole('link').first().click()
    await one.page.getByText('История').waitFor()
    await one.look('payment')
    await one.page.getByRole('link', { name: 'К покупателю' }).click()
    await one.page.getByText('Последние операции').waitFor()
    await one.look('person')
    await section('Услуги')
    await one.page.getByRole('table').getByRole('link').first().click()
    await one.page.getByRole('button', { name: 'Готово' }).click()
    await one.page.getByLabel('Напишите, что получит покупатель').fill('Уровень 80, пароль прежний')
    await one.look('service-order')
    await section('Платежи')
    await one.page.getByRole('table').getByRole('link').first().click()
    await one.page.getByRole('link', { name: 'К покупателю' }).click()
    await one.page.getByRole('link', { name: 'Изменить баланс' }).click()
    await one.page.getByLabel('Сумма').fill('50')
    await one.page.getByLabel('Причина').fill('Компенсация за сбой')
    await one.page.getByRole('button', { name: 'Посмотреть, что получится' }).press('Enter')
    await one.page.getByRole('button', { name: 'Изменить баланс' }).waitFor()
    await one.look('adjust')
    await section('Промокоды')
    await one.page.getByRole('link', { name: 'Новый промокод' }).click()
    await one.page.getByLabel('Что даёт').selectOption('percent')
    await one.page.getByLabel('Бонус до').waitFor()
    await one.look('promo-new')
    await section('Свои товары')
    await one.page.getByRole('link', { name: 'Новый товар' }).click()
    await one.page.getByLabel('Вид товара').waitFor()
    await one.look('item-new')
    await section('Статистика')
    await one.page.locator('.tabs').waitFor()
    await one.page.getByRole('link', { name: 'Новые покупатели' }).click()
    await one.page.locator('.plot[data-drawn=true]').waitFor()
    await one.look('stats')
    await section('Настройки')
    await one.page.getByText('Звёзд за токен').first().waitFor()
    await one.look('settings')
    await one.page.getByRole('searchbox').fill('звезд за токен')
    await one.page.locator('main .list a').first().click()
    await one.page.getByRole('region', { name: 'Все боты' }).waitFor()
    await one.look('setting')
    await section('Найти')
    await one.page.getByRole('searchbox').or(one.page.locator('input[name=word]')).first().fill('@buyer')
    await one.page.getByRole('button', { name: 'Найти' }).click()
    await one.page.locator('main .list').waitFor()
    await one.look('find')
    for (const [place, ready] of forms(made)) {
      await one.go(place)
      await one.page.getByText(ready).first().waitFor()
      await one.look(place.startsWith('new') ? place.replace('/', '-') : place.split('/')[0]!)
    }
    expect(one.seen).toEqual(new Set([...PAGES, 'nowhere']))
    await one.close()
  })
})
