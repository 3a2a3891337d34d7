import { describe, expect, test } from 'vitest'
import { chromiumPath } from '../lib/requirements.ts'
import { chatPage, DESKTOP, PHONE } from './chat-page.ts'

describe.skipIf(!chromiumPath())('the sandbox chat page in Chromium', () => {
  const chat = chatPage()
  const { bubble, calls, greet, key, open, passes, payKey, say } = chat

  test('a newcomer reads what the bot is for, presses Start, writes, and is answered', async () => {
    await open('New customer')
    await expect
      .poll(() => chat.page.locator('.welcome').textContent())
      .toContain('Stars and pictures for play money.')
    expect(await chat.page.getByRole('note').textContent()).toContain('no real money')
    await greet()
    expect(await bubble('Hello').locator('b').textContent()).toBe('Nina')
    await say('What does <b>it</b> cost?')
    await bubble('You said: What does <b>it</b> cost?').waitFor()
    await bubble('Hello').getByRole('button', { name: '/help' }).click()
    await bubble('You said: /help').waitFor()
    const hidden = chat.page
      .locator('.composer textarea')
      .evaluate((one) => one.scrollHeight - one.clientHeight)
    expect(await hidden, 'an empty field has nothing to scroll, and no arrows').toBe(0)
  })

  test('a pressed key edits the message, and its previous text can be shown', async () => {
    await open('Regular')
    await greet()
    await key('Count: 0').click()
    await bubble('Counted to 1').waitFor()
    await key('Count: 1').click()
    await bubble('Counted to 2').waitFor()
    await bubble('Counted to 2')
      .getByRole('button', { name: /edited/ })
      .click()
    await expect.poll(() => chat.page.locator('.history li').count()).toBe(2)
    await expect.poll(() => chat.page.locator('.history').textContent()).toContain('Hello, Роман!')
  })

  test('an alert holds the focus until it is closed with Escape, a toast only passes by', async () => {
    await open('Friend')
    await greet()
    await key('Balance').focus()
    await chat.page.keyboard.press('Enter')
    const alert = chat.page.getByRole('alertdialog')
    await expect.poll(() => alert.textContent()).toContain('You have 10 tokens')
    await chat.page.keyboard.press('Tab')
    await chat.page.keyboard.press('Tab')
    expect(await chat.page.evaluate(`document.activeElement.matches('body, dialog *')`)).toBe(true)
    await chat.page.keyboard.press('Escape')
    await alert.waitFor({ state: 'detached' })
    await expect.poll(() => chat.page.evaluate('document.activeElement.textContent')).toBe('Balance')
    await passes(chat.page.locator('.toast', { hasText: 'Accepted' }), key('Toast').click())
  })

  test('a key that the bot never answers spins, and the rest of the chat goes on', async () => {
    await open('Friend')
    await greet()
    await key('Silent').click()
    await expect.poll(() => chat.page.locator('[aria-busy=true]').last().textContent()).toBe('Silent')
    await say('still here')
    await bubble('You said: still here').waitFor()
  })

  test('an invoice is declined, left, and paid with play Stars, and credited once', async () => {
    await open('Admin')
    await greet()
    await key('Buy 50').click()
    await payKey().click()
    await passes(
      chat.page.getByText('Declined: nothing was paid.'),
      chat.page.getByRole('button', { name: 'Decline' }).click(),
    )
    await chat.page.getByRole('dialog').waitFor({ state: 'detached' })
    await payKey().click()
    await passes(
      chat.page.getByText('The shop had approved, nothing was paid.'),
      chat.page.getByRole('button', { name: 'Leave after the check' }).click(),
    )
    await chat.page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await bubble('Credited 50').count()).toBe(0)
    await payKey().click()
    await chat.page.getByRole('dialog').getByRole('button', { name: 'Pay 50 Stars' }).click()
    await bubble('Credited 50').waitFor()
    await chat.page.getByText('You paid 50 Stars').waitFor()
    await chat.page.locator('.invoice .paid').waitFor()
    expect(await chat.page.getByText('Credited 50').count()).toBe(1)
  })

  test('somebody with 2 play Stars cannot pay 50', async () => {
    await open('Broke')
    await greet()
    await key('Buy 50').click()
    await payKey().click()
    await chat.page.getByText('You have 2 play Stars, this costs 50 Stars.').waitFor()
    expect(
      await chat.page.getByRole('dialog').getByRole('button', { name: 'Pay 50 Stars' }).isDisabled(),
    ).toBe(true)
  })

  test('a picture opens large, a file can be saved, a receipt can be sent as proof', async () => {
    await open('Regular')
    await greet()
    await key('Picture').click()
    await chat.page.getByRole('button', { name: 'Open the photo' }).click()
    const image = chat.page.getByRole('dialog').getByRole('img')
    await expect
      .poll(() => image.evaluate((one) => (one as unknown as { naturalWidth: number }).naturalWidth))
      .toBe(640)
    await chat.page.keyboard.press('Escape')
    const [download] = await Promise.all([
      chat.page.waitForEvent('download'),
      chat.page.getByRole('link', { name: 'Download transactions.csv' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('transactions.csv')
    await chat.page.getByRole('button', { name: 'Attach a photo or file' }).click()
    await chat.page.getByRole('button', { name: 'Use a sample receipt' }).click()
    await chat.page.getByRole('textbox', { name: 'Caption' }).fill('Paid, request 5')
    await chat.page.getByRole('button', { name: 'Send as photo' }).click()
    await bubble('Got your photo: Paid, request 5').waitFor()
  })

  test('the bot asks for a contact, and one of the personas is picked', async () => {
    await open('Regular')
    await greet()
    await say('/people')
    await key('Choose a friend').click()
    await chat.page.getByRole('dialog').getByText('Фаина').click()
    await key('Choose').click()
    await bubble('Chosen 1004').waitFor()
    await chat.page.getByText('You chose Фаина').waitFor()
    await chat.page.locator('.reply-keyboard').waitFor({ state: 'hidden' })
  })

  test('commands open by typing a slash and are chosen with the arrow keys', async () => {
    await open('New customer')
    await greet()
    const field = chat.page.getByRole('textbox', { name: 'Message' })
    await field.fill('/pe')
    await chat.page.getByRole('option', { name: /people/ }).waitFor()
    await field.press('Enter')
    await bubble('For whom?').waitFor()
  })

  test('a deleted message fades away and a link that is no web address opens nothing', async () => {
    await open('New customer')
    await greet()
    const before = await chat.page.locator('.bubble', { hasText: 'Hello' }).count()
    await key('Delete').click()
    await expect.poll(() => chat.page.locator('.bubble', { hasText: 'Hello' }).count()).toBe(before - 1)
    const links = await chat.page.evaluate(`import('/sandbox/js/dom.js').then(({ safeUrl }) =>
      ['javascript:alert(1)', 'data:text/html,x', 'tg://resolve?domain=x', 'example.com/a'].map(safeUrl))`)
    expect(links).toEqual([undefined, undefined, 'tg://resolve?domain=x', 'https://example.com/a'])
  })

  test('the path of a message is lit, and a fault is counted where it struck', async () => {
    await open('New customer')
    await greet()
    await chat.page.getByRole('tab', { name: 'Faults' }).click()
    await chat.page.getByRole('switch', { name: 'Telegram is broken: 502' }).click()
    await expect
      .poll(() =>
        chat.page.getByRole('switch', { name: 'Telegram is broken: 502' }).getAttribute('aria-checked'),
      )
      .toBe('true')
    await say('/people')
    await chat.page.getByText('happened once').waitFor()
    await chat.page.getByRole('button', { name: 'Reset: end all faults' }).click()
    await chat.page.getByText('happened once').waitFor({ state: 'detached' })
    await say('lit')
    await bubble('You said: lit')
      .getByRole('button', { name: /Show what happened/ })
      .click()
    const lane = chat.page.locator('.lane.lit')
    await lane.waitFor()
    await expect.poll(() => lane.textContent()).toContain('sendMessage · 200')
    await lane.getByText('Raw data').click()
    await expect.poll(() => lane.locator('pre').textContent()).toContain('"method": "sendMessage"')
  })

  test.each([
    ['a desktop', DESKTOP],
    ['a phone', PHONE],
  ])('on %s providers are broken, made faster and repaired by their switches', async (_, size) => {
    await open('New customer', size)
    if (size === PHONE) await chat.page.getByRole('button', { name: 'Behind the scenes' }).click()
    await chat.page.getByRole('tab', { name: 'Faults' }).click()
    const prices = () =>
      fetch(`${chat.sandbox.env['FRAGMENT_API_URL']}/misc/prices/`).then(({ status }) => status)
    const cryptomus = () =>
      fetch(`${chat.sandbox.env['CRYPTOMUS_API_URL']}/v1/payment`, { method: 'POST' }).then(
        ({ status }) => status,
      )
    const down = (provider: string) => chat.page.getByRole('switch', { name: `${provider}: Is down` })
    const isOn = (provider: string) => expect.poll(() => down(provider).getAttribute('aria-checked'))
    for (const [provider, call] of [
      ['Fragment: Stars and Premium', prices],
      ['Payment providers', cryptomus],
      ['Pictures', undefined],
    ] as const) {
      await down(provider).click()
      await isOn(provider).toBe('true')
      if (call) await expect(call()).rejects.toThrow()
    }
    await chat.page.getByRole('button', { name: '10×' }).click()
    await expect
      .poll(() => chat.page.getByRole('button', { name: '10×' }).getAttribute('aria-pressed'))
      .toBe('true')
    const images = await fetch(`${chat.sandbox.env['IMAGE_API_URL']}/control/settings`).then((one) =>
      one.json(),
    )
    expect(images).toMatchObject({ fate: { drawMs: 500 } })
    const box = await down('Pictures').boundingBox()
    expect(box && box.x >= 0 && box.x + box.width <= size.width).toBe(true)
    await chat.page.getByRole('button', { name: 'Reset: end all faults' }).click()
    for (const provider of ['Fragment: Stars and Premium', 'Payment providers', 'Pictures'])
      await isOn(provider).toBe('false')
    expect([await prices(), await cryptomus()]).toEqual([200, 401])
    await chat.page.getByRole('button', { name: '1×', exact: true }).click()
    await expect
      .poll(() => chat.page.getByRole('button', { name: '10×' }).getAttribute('aria-pressed'))
      .toBe('false')
  })

  test('the guide stops the billing worker, sees a payment, and starts it again', async () => {
    await open('New customer')
    await greet()
    await key('Buy 50').click()
    await payKey().click()
    await chat.page.getByRole('dialog').getByRole('button', { name: 'Pay 50 Stars' }).click()
    await chat.page.locator('.step.done', { hasText: 'Top up with play Stars' }).waitFor()
    await chat.page.getByRole('dialog').waitFor({ state: 'detached' })
    // The code of an invoice is a photo, too, and no picture that somebody ordered.
    await say('a code to pay')
    await bubble('Scan this to pay').waitFor()
    await chat.page.locator('.step.now', { hasText: 'Order a picture' }).waitFor()
    await key('Picture').click()
    await chat.page.locator('.step.now').getByRole('button', { name: 'Stop billing and send /buy' }).click()
    await bubble('You said: /buy').waitFor()
    await payKey().click()
    await chat.page.getByRole('dialog').getByRole('button', { name: 'Pay 50 Stars' }).click()
    await chat.page.locator('.step.now').getByRole('button', { name: 'Start billing' }).click()
    await chat.page.getByText('Billing runs.').first().waitFor()
    expect(calls).toEqual(['stop-billing', 'start-billing'])
    await say('and now?')
    await chat.page.getByText('npm start').waitFor()
  })

  test('the shop tab says why the shop is not ready and how long its queues are', async () => {
    await open('New customer')
    await chat.page.getByRole('tab', { name: 'Shop' }).click()
    await chat.page.getByText('The shop is not ready').waitFor()
    await expect
      .poll(() => chat.page.locator('.numbers pre').first().textContent())
      .toContain('"queue":"down"')
    const row = chat.page.getByRole('row', { name: /billing/ })
    await expect.poll(() => row.getByRole('cell').allTextContents()).toEqual(['7', '2', '0', '0', '41 s'])
    await chat.page.getByRole('tab', { name: 'Faults' }).click()
    await chat.page.getByRole('button', { name: 'Check now' }).click()
    await chat.page.getByText('Money once ✓').waitFor()
  })

  test('each person sees the commands and the description that are meant for them', async () => {
    await open('Friend')
    await chat.page.getByRole('button', { name: /Telekassa Two/ }).click()
    await expect
      .poll(() => chat.page.locator('.welcome').textContent())
      .toContain('Press Start to meet the bot.')
    await chat.page.getByRole('button', { name: '@telekassa_bot' }).click()
    await greet()
    await chat.page.getByRole('button', { name: 'Commands' }).click()
    // The menu must stay open after the field has lost and got back the focus.
    await chat.page.getByRole('textbox', { name: 'Message' }).press('ArrowDown')
    await chat.page.getByRole('option', { selected: true }).waitFor()
    await expect
      .poll(() => chat.page.getByRole('option').allTextContents())
      .toEqual(['/startMain menu', '/peopleChoose a friend'])
    await chat.page.locator('.people-list').getByRole('button', { name: /Admin/ }).click()
    await chat.page.locator('.pane[data-person="1"]').waitFor()
    await greet()
    await chat.page.getByRole('button', { name: 'Commands' }).click()
    await expect.poll(() => chat.page.getByRole('option').allTextContents()).toEqual(['/adminRun the shop'])
  })

  test('a Russian visitor is a newcomer who reads Russian, and trouble on the way is told in words', async () => {
    const context = await chat.page.context().browser()!.newContext({ locale: 'ru-RU' })
    try {
      const page = await context.newPage()
      await page.goto(`${chat.sandbox.env['SANDBOX_URL']}/sandbox`)
      await page.locator('.pane[data-person="1005"] .welcome', { hasText: 'Звёзды и картинки.' }).waitFor()
      // There is room for the whole name of who the visitor is.
      const name = page.locator('.pane-head .as span:last-child', { hasText: 'Новый покупатель' })
      await name.waitFor()
      const shown = 'document.querySelector(".pane-head .as span:last-child")'
      expect(await page.evaluate(`${shown}.scrollWidth > ${shown}.clientWidth`)).toBe(false)
      await page.evaluate(`window.fetch = async () => new Response('<html>', { status: 504 })`)
      const start = page.getByRole('button', { name: 'Начать', exact: true })
      await passes(page.getByText('песочница ответила отказом (код 504)'), start.click())
      await page.evaluate(`window.fetch = async () => { throw new TypeError('Failed to fetch') }`)
      await passes(page.getByText('песочница не отвечает'), start.click())
    } finally {
      await context.close()
    }
  })

  test('a message in a chat that is not on the screen leaves a badge', async () => {
    await open('Broke')
    await greet()
    const api = `${chat.sandbox.env['SANDBOX_URL']}/sandbox/api/telegram/chats/telekassa_bot/1004/messages`
    const body = JSON.stringify({ text: 'from elsewhere' })
    await fetch(api, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
    const friend = chat.page.locator('.people-list').getByRole('button', { name: /Friend/ })
    await friend.locator('.badge').waitFor()
    await friend.click()
    await bubble('You said: from elsewhere').waitFor()
    await friend.locator('.badge').waitFor({ state: 'detached' })
  })

  test('an invitation is handed to a friend, who starts the bot with it', async () => {
    await open('Regular')
    await greet()
    await say('https://t.me/telekassa_bot?start=r_77')
    await chat.page.locator('.message.out a').last().click()
    await chat.page
      .getByRole('dialog')
      .getByRole('button', { name: /Friend/ })
      .click()
    await bubble('You came with r_77.').waitFor()
    await expect.poll(() => chat.page.locator('.pane').getAttribute('data-person')).toBe('1004')
  })

  test('customer and admin sit side by side and each reads the own chat', async () => {
    await open('New customer')
    await chat.page.getByRole('button', { name: 'Customer and admin side by side' }).click()
    await expect.poll(() => chat.page.locator('.pane').count()).toBe(2)
    const admin = chat.page.locator('.pane[data-person="1"]')
    await admin
      .getByRole('button', { name: 'Start', exact: true })
      .or(admin.getByRole('textbox'))
      .first()
      .waitFor()
    const start = admin.getByRole('button', { name: 'Start', exact: true })
    if (await start.isVisible()) await start.click()
    await admin.getByRole('textbox').fill('as admin')
    await admin.getByRole('textbox').press('Enter')
    await admin.locator('.bubble', { hasText: 'You said: as admin' }).waitFor()
    expect(await chat.page.locator('.pane[data-person="1001"]').textContent()).not.toContain('as admin')
  })

  test('a phone of 390 px shows chat, people and the inside without scrolling sideways, in Russian too', async () => {
    await open('Friend', PHONE)
    await greet()
    await chat.page.getByRole('button', { name: 'RU' }).click()
    await chat.page.getByRole('button', { name: 'Что внутри' }).click()
    await chat.page.getByRole('tab', { name: 'Сбои' }).click()
    await chat.page.getByText('Об оплате сообщили дважды').waitFor()
    await chat.page.keyboard.press('Escape')
    await passes(chat.page.locator('.toast', { hasText: 'Accepted' }), key('Toast').click())
    expect(await chat.page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width)
    expect(await chat.page.locator('html').getAttribute('lang')).toBe('ru')
  })

  test('another site can neither act through the page nor frame it, and fonts come from here', async () => {
    await open('New customer')
    const url = `${chat.sandbox.env['SANDBOX_URL']}/sandbox/api/telegram/chats/telekassa_bot/1001/messages`
    const refused = await fetch(url, {
      method: 'POST',
      headers: { 'Sec-Fetch-Site': 'cross-site', 'Content-Type': 'application/json' },
      body: '{"text":"hi"}',
    })
    expect(refused.status).toBe(403)
    const read = await fetch(`${chat.sandbox.env['SANDBOX_URL']}/sandbox/api/telegram/bots`)
    expect(read.headers.get('access-control-allow-origin')).toBeNull()
    const emoji = await fetch(`${chat.sandbox.env['SANDBOX_URL']}/sandbox/emoji/index.css`)
    expect(await emoji.text()).toContain('Noto Emoji Variable')
    const html = await fetch(`${chat.sandbox.env['SANDBOX_URL']}/sandbox`)
    expect(html.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  })
})
