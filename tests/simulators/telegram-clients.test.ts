import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { autoRetry } from '@grammyjs/auto-retry'
import { conversations, createConversation, type ConversationFlavor } from '@grammyjs/conversations'
import { run } from '@grammyjs/runner'
import { apiThrottler } from '@grammyjs/transformer-throttler'
import { openSandbox, type Sandbox } from '@telekassa/telegram-sandbox'
import { Bot as Gramio, InlineKeyboard, MediaInput, MediaUpload } from 'gramio'
import {
  Bot as Grammy,
  InputFile as GrammyFile,
  webhookCallback as grammyWebhook,
  type Context,
} from 'grammy'
import { Bot as NodeTelegramBot, InputFile, webhookCallback } from 'node-telegram-bot-api'
import { InlineKeyboard as PureKeyboard, InputMedia, MediaSource, Telegram as Puregram } from 'puregram'
import { Input, Markup, Telegraf } from 'telegraf'
import { describe, expect, onTestFinished, test } from 'vitest'
import { PNG } from './telegram-kit.ts'

/**
 * The same bot in the words of each framework: the bot greets with a keyboard, sells a book for 5 Stars, sends an
 * album and repeats everything else. If a framework fails here, the fault is the simulator's until shown
 * otherwise.
 */

const PRICE = [{ label: 'Book', amount: 5 }]
const SECRET = 'secret-of-the-webhook'
/** A bot polls if it gets nothing here. Otherwise it hands over the handler that takes the updates. */
type Handler = (...request: Parameters<RequestListener>) => unknown
type Listen = ((handler: Handler) => Promise<void>) | undefined
type Client = (sandbox: Sandbox, listen: Listen) => Promise<() => unknown>

const grammy: Client = async (sandbox, listen) => {
  const bot = new Grammy(sandbox.token, { client: { apiRoot: sandbox.url } })
  const keyboard = { inline_keyboard: [[{ text: 'Buy', callback_data: 'buy' }]] }
  const photo = () => ({ type: 'photo' as const, media: new GrammyFile(PNG, 'x.png') })
  bot.command('start', (ctx) => ctx.reply('Welcome', { reply_markup: keyboard }))
  bot.command('album', (ctx) => ctx.replyWithMediaGroup([{ ...photo(), caption: 'one' }, photo()]))
  bot.callbackQuery('buy', async (ctx) => {
    await ctx.answerCallbackQuery('One moment')
    await ctx.replyWithInvoice('Book', 'Paper', 'book', 'XTR', PRICE)
  })
  bot.on('pre_checkout_query', (ctx) => ctx.answerPreCheckoutQuery(true))
  bot.on('message:successful_payment', (ctx) => ctx.reply('Thank you'))
  bot.on('message:text', (ctx) => ctx.reply(`Echo ${ctx.message.text}`))
  if (listen) {
    await listen(grammyWebhook(bot, 'http', { secretToken: SECRET }))
    return () => {}
  }
  void bot.start()
  return () => bot.stop()
}

const telegraf: Client = async (sandbox, listen) => {
  const bot = new Telegraf(sandbox.token, { telegram: { apiRoot: sandbox.url } })
  const photo = () => ({ type: 'photo' as const, media: Input.fromBuffer(PNG) })
  bot.start((ctx) => ctx.reply('Welcome', Markup.inlineKeyboard([Markup.button.callback('Buy', 'buy')])))
  bot.command('album', (ctx) => ctx.replyWithMediaGroup([{ ...photo(), caption: 'one' }, photo()]))
  bot.action('buy', async (ctx) => {
    await ctx.answerCbQuery('One moment')
    const invoice = { title: 'Book', description: 'Paper', payload: 'book', provider_token: '' }
    await ctx.replyWithInvoice({ ...invoice, currency: 'XTR', prices: PRICE })
  })
  bot.on('pre_checkout_query', (ctx) => ctx.answerPreCheckoutQuery(true))
  bot.on('successful_payment', (ctx) => ctx.reply('Thank you'))
  bot.on('text', (ctx) => ctx.reply(`Echo ${ctx.message.text}`))
  if (listen) {
    await listen(bot.webhookCallback('/hook', { secretToken: SECRET }))
    return () => {}
  }
  const launched = bot.launch().catch(() => {})
  return async () => {
    bot.stop()
    await launched
  }
}

const nodeTelegramBotApi: Client = async (sandbox, listen) => {
  const bot = new NodeTelegramBot(sandbox.token, { apiRoot: sandbox.url })
  const { api } = bot
  const keyboard = { inline_keyboard: [[{ text: 'Buy', callback_data: 'buy' }]] }
  const photo = () => ({ type: 'photo' as const, media: new InputFile(PNG, { filename: 'x.png' }) })
  bot.command('start', (ctx) => ctx.reply('Welcome', { reply_markup: keyboard }))
  bot.command('album', async (ctx) => {
    await api.sendMediaGroup({
      chat_id: ctx.chat!.id,
      media: [{ ...photo(), caption: 'one' }, photo()] as never,
    })
  })
  bot.on('callback_query', async (ctx) => {
    await ctx.answerCallbackQuery({ text: 'One moment' })
    const invoice = { title: 'Book', description: 'Paper', payload: 'book', currency: 'XTR', prices: PRICE }
    await api.sendInvoice({ chat_id: ctx.callbackQuery!.from.id, ...invoice })
  })
  bot.on('pre_checkout_query', async (ctx) => {
    await api.answerPreCheckoutQuery({
      pre_checkout_query_id: (ctx.update as { pre_checkout_query?: { id: string } }).pre_checkout_query!.id,
      ok: true,
    })
  })
  bot.on('message', (ctx) =>
    ctx.reply(ctx.message!.successful_payment ? 'Thank you' : `Echo ${ctx.message!.text}`),
  )
  if (listen) {
    const take = webhookCallback(bot, { secretToken: SECRET })
    await listen((request, response) => {
      void (async () => {
        const chunks: Buffer[] = []
        for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
        const headers = request.headers as Record<string, string>
        const body = Buffer.concat(chunks).toString()
        const answer = await take(new Request('http://bot/hook', { method: 'POST', headers, body }))
        response.writeHead(answer.status).end()
      })()
    })
    return () => {}
  }
  void bot.startPolling()
  return () => bot.stop()
}

const gramio: Client = async (sandbox) => {
  const bot = new Gramio(sandbox.token, { api: { baseURL: `${sandbox.url}/bot` } })
  const photo = (more = {}) => MediaInput.photo(MediaUpload.buffer(PNG, 'x.png'), more)
  bot.command('start', (ctx) =>
    ctx.send('Welcome', { reply_markup: new InlineKeyboard().text('Buy', 'buy') }),
  )
  bot.command('album', (ctx) => ctx.sendMediaGroup([photo({ caption: 'one' }), photo()]))
  bot.callbackQuery('buy', async (ctx) => {
    await ctx.answer('One moment')
    const invoice = { title: 'Book', description: 'Paper', payload: 'book', currency: 'XTR' as const }
    await bot.api.sendInvoice({ chat_id: ctx.from.id, ...invoice, prices: PRICE })
  })
  bot.on('pre_checkout_query', (ctx) => ctx.answerPreCheckoutQuery({ ok: true }))
  bot.on('successful_payment', (ctx) => ctx.send('Thank you'))
  bot.on('message', async (ctx) => {
    if (ctx.text && !ctx.text.startsWith('/')) await ctx.send(`Echo ${ctx.text}`)
  })
  await bot.start()
  return () => bot.stop()
}

const puregram: Client = async (sandbox) => {
  const bot = new Puregram({ token: sandbox.token, apiBaseUrl: `${sandbox.url}/bot` })
  const photo = (more = {}) => InputMedia.photo(MediaSource.buffer(PNG, { filename: 'x.png' }), more)
  const keyboard = PureKeyboard.keyboard([[PureKeyboard.textButton({ text: 'Buy', payload: 'buy' })]])
  bot.updates.on('message', async (ctx) => {
    if (ctx.text === '/start') await ctx.send('Welcome', { reply_markup: keyboard })
    else if (ctx.text === '/album') await ctx.sendMediaGroup([photo({ caption: 'one' }), photo()])
    else if (ctx.text) await ctx.send(`Echo ${ctx.text}`)
  })
  bot.updates.on('callback_query', async (ctx) => {
    await ctx.answerCallbackQuery({ text: 'One moment' })
    const invoice = { title: 'Book', description: 'Paper', payload: 'book', currency: 'XTR', prices: PRICE }
    await bot.api.sendInvoice({ chat_id: ctx.senderId, ...invoice })
  })
  bot.updates.on('pre_checkout_query', (ctx) => ctx.answerPreCheckoutQuery({ ok: true }))
  bot.updates.on('successful_payment', (ctx) => ctx.send('Thank you'))
  await bot.updates.startPolling()
  return async () => {
    bot.updates.stopPolling()
    // The last poll waits for one more update: puregram prints the error of a connection that is closed under it.
    await sandbox.person(1).says('bye')
    await sandbox.person(1).hears('Echo bye')
  }
}

async function useBotOf(client: Client, webhook: boolean): Promise<void> {
  const sandbox = await openSandbox({ after: onTestFinished })
  const stop = await client(sandbox, webhook ? (handler) => listenTo(sandbox, handler) : undefined)
  onTestFinished(async () => {
    await stop()
  })
  const anna = sandbox.person(1, { first_name: 'Anna' })
  await anna.says('/start')
  await anna.hears('Welcome')
  expect(await anna.presses('Buy')).toMatchObject({ answered: true, text: 'One moment' })
  expect(await anna.pays()).toMatchObject({ outcome: 'paid' })
  await anna.hears('Thank you')
  await anna.says('hi')
  await anna.hears('Echo hi')
  await anna.says('/album')
  const { media_group_id: album } = await anna.hears('one')
  expect((await anna.messages()).filter((one) => one['media_group_id'] === album)).toHaveLength(2)
  expect((await sandbox.requests()).filter(({ ok }) => ok !== true)).toEqual([])
}

async function listenTo(sandbox: Sandbox, handler: Handler): Promise<void> {
  const server = createServer((...request) => void handler(...request))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const asked = new URLSearchParams({ url, secret_token: SECRET }).toString()
  const answer = await fetch(`${sandbox.url}/bot${sandbox.token}/setWebhook?${asked}`)
  expect(await answer.json()).toMatchObject({ ok: true })
}

const clients: Record<string, Client> = {
  grammy,
  telegraf,
  'node-telegram-bot-api': nodeTelegramBotApi,
  gramio,
  puregram,
}

describe('bots in the frameworks of others run against the simulator', () => {
  test.each(Object.keys(clients))('%s polls: echo, keyboard, payment and album', (name) =>
    useBotOf(clients[name]!, false),
  )

  test.each(['grammy', 'telegraf', 'node-telegram-bot-api'])(
    '%s is called by a webhook with its secret',
    (name) => useBotOf(clients[name]!, true),
  )

  test('grammY with runner, throttler, auto-retry and conversations gets through a 429', async () => {
    const sandbox = await openSandbox({ after: onTestFinished })
    const bot = new Grammy<ConversationFlavor<Context>>(sandbox.token, { client: { apiRoot: sandbox.url } })
    bot.api.config.use(apiThrottler())
    bot.api.config.use(autoRetry())
    bot.use(conversations())
    bot.use(
      createConversation(async (conversation, ctx: Context) => {
        await ctx.reply('Your name?')
        const { message } = await conversation.waitFor('message:text')
        await ctx.reply(`Hello, ${message.text}`)
      }, 'greet'),
    )
    // A conversation of grammY calls Telegram through an Api of its own, which does not have these transformers.
    bot.command('start', async (ctx) => {
      await ctx.reply('Welcome')
      await ctx.conversation.enter('greet')
    })
    const running = run(bot)
    onTestFinished(() => running.stop())
    const anna = sandbox.person(1)
    await sandbox.fault({ on: 'call', method: 'sendMessage', do: { retry_after: 1 } })
    await anna.says('/start')
    await anna.hears('Welcome')
    await anna.hears('Your name?')
    await anna.says('Anna')
    await anna.hears('Hello, Anna')
    expect((await sandbox.requests('sendMessage')).map(({ status }) => status)).toEqual([429, 200, 200, 200])
  })
})
