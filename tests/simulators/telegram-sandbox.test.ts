import { openSandbox, type Sandbox } from '@telekassa/telegram-sandbox'
import { Bot } from 'grammy'
import { expect, onTestFinished, test } from 'vitest'

/** A bot of somebody else: it greets, sells a book for 5 Stars, and counts what it hears. */
function bookshop(sandbox: Sandbox): Bot {
  const bot = new Bot(sandbox.token, { client: { apiRoot: sandbox.url } })
  bot.command('start', (ctx) =>
    ctx.reply('Welcome', { reply_markup: { inline_keyboard: [[{ text: 'Buy', callback_data: 'buy' }]] } }),
  )
  bot.callbackQuery('buy', async (ctx) => {
    await ctx.answerCallbackQuery('One moment')
    await ctx.replyWithInvoice('Book', 'Paper', 'book-1', 'XTR', [{ label: 'Book', amount: 5 }])
  })
  bot.on('pre_checkout_query', (ctx) => ctx.answerPreCheckoutQuery(true))
  bot.on('message:successful_payment', (ctx) => ctx.reply('Thank you'))
  bot.on('edited_message:text', (ctx) => ctx.reply(`You meant ${ctx.editedMessage.text}`))
  bot.on('message_reaction', (ctx) => ctx.reply(`I saw ${JSON.stringify(ctx.messageReaction.new_reaction)}`))
  bot.on('message:forward_origin', (ctx) => ctx.reply(`That was ${ctx.message.text}`))
  bot.on('message:text', (ctx) => ctx.reply('What?'))
  void bot.start({
    allowed_updates: [
      'message',
      'edited_message',
      'callback_query',
      'pre_checkout_query',
      'message_reaction',
    ],
  })
  onTestFinished(() => bot.stop())
  return bot
}

test.each([false, true])(
  'a bot is tested as its users use it, with the sandbox in a process of its own: %s',
  async (process) => {
    const sandbox = await openSandbox({ process, after: onTestFinished })
    bookshop(sandbox)
    const anna = sandbox.person(1, { first_name: 'Anna' })
    await anna.says('/start')
    expect(await anna.presses('Buy')).toMatchObject({ answered: true, text: 'One moment' })
    expect(await anna.pays()).toMatchObject({ outcome: 'paid' })
    expect((await anna.hears('Thank')).text).toBe('Thank you')
  },
)

test('people edit, forward and react', async () => {
  const sandbox = await openSandbox({ after: onTestFinished })
  bookshop(sandbox)
  const anna = sandbox.person(1)
  const said = await anna.says('helo')
  const answer = await anna.hears('What?')
  await anna.edits(said.message_id, 'hello')
  await anna.hears('You meant hello')
  await anna.forwards(answer.message_id)
  await anna.hears('That was What?')
  await anna.reacts(answer.message_id, '👍')
  await anna.hears('I saw [{"type":"emoji","emoji":"👍"}]')
  expect((await sandbox.requests('sendMessage')).length).toBe(4)
})

test('a wait that ends in vain tells what was in the chat instead', async () => {
  const sandbox = await openSandbox({ after: onTestFinished, patienceMs: 50 })
  const anna = sandbox.person(1)
  await anna.says('anybody?')
  await expect(anna.hears('yes')).rejects.toThrow(
    'the bot did not say yes; the chat ends with\n  person: anybody?',
  )
  await expect(anna.presses('Buy')).rejects.toThrow('there is no button Buy; the chat ends with')
})

test('a token that nobody announced is a bot; one of the wrong shape is not', async () => {
  const sandbox = await openSandbox({ after: onTestFinished })
  const me = await fetch(`${sandbox.url}/bot77:any-secret/getMe`)
  expect(await me.json()).toMatchObject({ ok: true, result: { id: 77, username: 'sandbox_77_bot' } })
  expect((await fetch(`${sandbox.url}/bot77:another/getMe`)).status).toBe(401)
  expect((await fetch(`${sandbox.url}/bot77/getMe`)).status).toBe(404)
})
