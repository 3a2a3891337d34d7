import { openSandbox } from '@telekassa/telegram-sandbox'
import { Api, Bot } from 'grammy'
import { expect, onTestFinished, test } from 'vitest'
import { expectRefusal } from './telegram-kit.ts'

async function arcade() {
  const sandbox = await openSandbox({ after: onTestFinished, patienceMs: 60_000 })
  await sandbox.game('snake', 'Snake')
  const anna = sandbox.person(1, { first_name: 'Anna' })
  await anna.says('/start')
  return { sandbox, anna, api: new Api(sandbox.token, { apiRoot: sandbox.url }) }
}

test('a game is sent, launched by its key with an address of the bot, and shows the scores', async () => {
  const { sandbox, anna } = await arcade()
  const bot = new Bot(sandbox.token, { client: { apiRoot: sandbox.url } })
  bot.command('play', (ctx) => ctx.replyWithGame('snake'))
  bot.gameQuery('snake', async (ctx) => {
    expect(ctx.callbackQuery).not.toHaveProperty('data')
    await ctx.answerCallbackQuery({ url: 'https://games.example/snake' })
    const { chat, message_id: id } = ctx.callbackQuery.message!
    await ctx.api.setGameScore(chat.id, id, ctx.from.id, 7)
  })
  void bot.start()
  onTestFinished(() => bot.stop())
  await anna.says('/play')
  expect(await anna.presses('Play Snake')).toMatchObject({
    answered: true,
    url: 'https://games.example/snake',
  })
  await expect
    .poll(async () => (await anna.messages()).at(-1)?.['game'], { timeout: 30_000 })
    .toMatchObject({ title: 'Snake', text: '1. Anna – 7' })
})

test('a score that is no better is refused unless forced, and a table has the best and the neighbours', async () => {
  const { sandbox, api } = await arcade()
  const sent = await api.sendGame(1, 'snake')
  const set = (user: number, score: number, more: object = {}) =>
    api.setGameScore(1, sent.message_id, user, score, more)
  for (let id = 2; id <= 9; id++) await sandbox.control('POST', '/people', { id, first_name: `P${id}` })
  for (let id = 1; id <= 9; id++) await set(id, 10 * id, { disable_edit_message: true })
  const refused = (call: Promise<unknown>, why: string) => expectRefusal(call, 400, `Bad Request: ${why}`)
  await refused(set(2, 20), 'BOT_SCORE_NOT_MODIFIED')
  await refused(set(2, 19), 'BOT_SCORE_NOT_MODIFIED')
  await set(2, 19, { force: true })
  const places = async (user: number) =>
    (await api.getGameHighScores(1, sent.message_id, user)).map(({ position, user: { id } }) => [
      position,
      id,
    ])
  expect(await places(2)).toEqual([
    [1, 9],
    [2, 8],
    [3, 7],
    [6, 4],
    [7, 3],
    [8, 2],
    [9, 1],
  ])
  expect(await places(9)).toEqual([
    [1, 9],
    [2, 8],
    [3, 7],
  ])
  const plain = await api.sendMessage(1, 'x')
  await refused(api.setGameScore(1, plain.message_id, 1, 5), "game score can't be set")
  await refused(api.setGameScore(1, 999, 1, 5), 'message to set game score not found')
  await refused(set(1, -1), 'SCORE_INVALID')
})

test('a game that BotFather does not know, or whose key is not the first, is refused', async () => {
  const { sandbox, api } = await arcade()
  const refused = (call: Promise<unknown>, why: string) => expectRefusal(call, 400, `Bad Request: ${why}`)
  await refused(api.sendGame(1, 'chess'), 'wrong game short name specified')
  const play = { text: 'Go', callback_game: {} }
  const link = { text: 'Top', url: 'https://example.com' }
  const keys = (...row: object[]) => ({ reply_markup: { inline_keyboard: [row as (typeof link)[]] } })
  await refused(api.sendGame(1, 'snake', keys(link)), 'REPLY_MARKUP_GAME_EMPTY')
  await refused(api.sendGame(1, 'snake', keys(link, play)), 'BUTTON_POS_INVALID')
  await refused(api.sendMessage(1, 'x', keys(play)), 'BUTTON_TYPE_INVALID')
  expect((await api.sendGame(1, 'snake', keys(play, link))).game).toMatchObject({ title: 'Snake' })
  await sandbox.group(-5, 'channel')
  const members = { 1000000: 'administrator' }
  await sandbox.control('PATCH', '/chats/-5', { members })
  await refused(api.sendGame(-5, 'snake'), "games can't be sent to channel chats")
})
