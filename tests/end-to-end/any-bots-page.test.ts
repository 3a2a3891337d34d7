import { chromium } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Bot, InlineKeyboard, InputFile } from 'grammy'
import { openSandbox, startTelegram } from '@telekassa/telegram-sandbox'
import { chromiumPath } from '../lib/requirements.ts'
import { PNG } from '../simulators/telegram-kit.ts'
import { CHROMIUM_FLAGS, DESKTOP, PATIENCE_MS, PHONE } from './chat-page.ts'

/** A bot of somebody else, which knows nothing of shops. */
function startQuiz(apiRoot: string): Bot {
  const bot = new Bot(`5000:${'Q'.repeat(35)}`, { client: { apiRoot } })
  bot.command('start', (context) =>
    context.reply('2 + 2?', { reply_markup: new InlineKeyboard().text('4', 'right').text('5', 'wrong') }),
  )
  bot.callbackQuery('right', async (context) => {
    await context.answerCallbackQuery('Right!')
    await context.editMessageText('2 + 2 = 4')
  })
  bot.command('set', async (context) => {
    await context.replyWithPaidMedia(25, [{ type: 'photo', media: new InputFile(PNG, 'one.png') }])
    await context.react('🔥')
  })
  bot.command('more', async (context) => {
    await context.replyWithSticker(new InputFile(PNG, 'one.png'), { emoji: '🙂' })
    await context.replyWithAnimation(new InputFile('tests/fixtures/media/dots.gif'), { caption: 'Dots' })
    await context.replyWithGame('snake')
    await context.replyWithPoll('Tea?', ['Yes', 'No'], { is_anonymous: false })
  })
  bot.command('album', async (context) => {
    const photo = () => ({ type: 'photo' as const, media: new InputFile(PNG, 'one.png') })
    await context.replyWithMediaGroup([photo(), photo(), photo()])
    const markdown = '## Score\n\n| round | points |\n|---|---|\n| sums | 1 |\n'
    await context.api.raw.sendRichMessage({ chat_id: context.chat.id, rich_message: { markdown } })
  })
  bot.on('poll_answer', (context) => context.api.sendMessage(context.pollAnswer.user!.id, 'Counted'))
  void bot.start()
  return bot
}

describe.skipIf(!chromiumPath())(
  'the chat page of the package, in Chromium, with a bot that is not ours',
  () => {
    test('waits for the first bot, says which address that bot needs, and then is a chat with it', async () => {
      const telegram = await startTelegram({ settings: { anyToken: true, chatPerSecond: 0 }, chat: {} })
      onTestFinished(() => telegram.close())
      const browser = await chromium.launch({
        executablePath: chromiumPath()!,
        args: CHROMIUM_FLAGS,
        timeout: PATIENCE_MS,
      })
      onTestFinished(() => browser.close())
      const page = await browser.newPage({ viewport: DESKTOP, locale: 'en-GB', reducedMotion: 'reduce' })
      page.setDefaultTimeout(PATIENCE_MS)
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
      await page.goto(`${telegram.url}/sandbox`)
      await page.getByRole('heading', { name: 'No bot has called yet' }).waitFor()
      await page.getByText(telegram.url, { exact: true }).waitFor()

      const bot = startQuiz(telegram.url)
      onTestFinished(() => bot.stop())
      await page.getByRole('button', { name: 'Start', exact: true }).click()
      await page.getByRole('button', { name: '4', exact: true }).click()
      await page.locator('.bubble', { hasText: '2 + 2 = 4' }).waitFor()
      await page.getByRole('textbox', { name: 'Message' }).fill('/set')
      await page.keyboard.press('Enter')
      await page.getByLabel('Reactions').getByText('🔥').waitFor()
      await page.getByRole('button', { name: 'Unlock for 25 Stars' }).click()
      await page.getByRole('button', { name: 'Open the photo' }).waitFor()
      await page.getByRole('textbox', { name: 'Message' }).fill('/album')
      await page.keyboard.press('Enter')
      await page.getByRole('cell', { name: 'sums' }).waitFor()
      expect(await page.getByRole('heading', { name: 'Score' }).count()).toBe(1)
      const places = await page.locator('.message.album').all()
      const boxes = await Promise.all(places.map((place) => place.boundingBox()))
      const [first, second, third] = boxes
      expect(second).toMatchObject({ y: first!.y })
      expect([second!.x > first!.x, third!.y > first!.y, third!.x]).toEqual([true, true, first!.x])
      const game = { short_name: 'snake', title: 'Snake', description: 'Eat and grow' }
      const [{ username }] = (await (await fetch(`${telegram.url}/control/bots`)).json()) as [
        { username: string },
      ]
      const games = `${telegram.url}/control/bots/${username}/games`
      await fetch(games, { method: 'POST', body: JSON.stringify(game) })
      await page.getByRole('textbox', { name: 'Message' }).fill('/more')
      await page.keyboard.press('Enter')
      await page.getByRole('img', { name: '🙂' }).waitFor()
      // A GIF is no video to a browser.
      await page.locator('img.moving[alt=Dots]').waitFor()
      await page.getByRole('button', { name: 'Play Snake' }).waitFor()
      await page.locator('.poll').getByRole('button', { name: 'Yes' }).click()
      await page.locator('.poll').getByText('100%').waitFor()
      await page.locator('.bubble', { hasText: 'Counted' }).waitFor()
      await page.getByText('Vote', { exact: true }).first().waitFor()
      expect(await page.getByRole('tab').allTextContents()).toEqual(['Path', 'Faults'])
      await page.getByRole('tab', { name: 'Faults' }).click()
      const words = await page.locator('body').innerText()
      expect(words).not.toMatch(/shop|telekassa|fragment|payment provider/i)

      await page.setViewportSize(PHONE)
      await page.locator('.bubble', { hasText: '2 + 2 = 4' }).waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width)
      expect(complaints).toEqual([])
    })

    test('is not served unless it is asked for', async () => {
      await using sandbox = await openSandbox()
      expect((await fetch(`${sandbox.url}/sandbox`)).status).toBe(404)
    })
  },
)

test('nothing below the page leads to a file outside of it', async () => {
  const telegram = await startTelegram({ chat: {} })
  onTestFinished(() => telegram.close())
  const statuses = [
    'js/main.js',
    '..%2Fpackage.json',
    'js/..%2F..%2Fpackage.json',
    'extra/extra.js',
    '%',
  ].map(async (path) => (await fetch(`${telegram.url}/sandbox/${path}`)).status)
  expect(await Promise.all(statuses)).toEqual([200, 404, 404, 404, 400])
})
