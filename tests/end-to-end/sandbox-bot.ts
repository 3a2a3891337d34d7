import { createCanvas } from '@napi-rs/canvas'
import { Bot, InlineKeyboard, InputFile } from 'grammy'

/** A shop of one screen, without the product: it shows everything that the chat page can display. */
export async function startShopBot(apiRoot: string, token: string): Promise<() => Promise<void>> {
  const bot = new Bot(token, { client: { apiRoot } })
  const menu = new InlineKeyboard()
    .text('Count: 0', 'count:1')
    .text('Balance', 'balance')
    .row()
    .text('Buy 50', 'buy')
    .text('Picture', 'picture')
    .row()
    .copyText('Copy the address', 'UQ-address')
    .url('Terms', 'https://example.com/terms')
    .row()
    .text('Toast', 'toast')
    .text('Silent', 'silent')
    .text('Delete', 'delete')
  bot.catch(() => {})
  bot.command('start', async (context) => {
    const from = context.match ? ` You came with ${context.match}.` : ''
    await context.reply(`Hello, <b>${context.from?.first_name}</b>!${from}\nThe shop is /help away.`, {
      parse_mode: 'HTML',
      reply_markup: menu,
    })
  })
  bot.command('people', (context) =>
    context.reply('For whom?', {
      reply_markup: {
        keyboard: [[{ text: 'Choose a friend', request_users: { request_id: 7, request_name: true } }]],
        resize_keyboard: true,
        one_time_keyboard: true,
      },
    }),
  )
  bot.hears('a code to pay', (context) =>
    context.replyWithPhoto(new InputFile(picture(), 'code.png'), { caption: 'Scan this to pay' }),
  )
  bot.on('message:users_shared', (context) =>
    context.reply(`Chosen ${context.message.users_shared.users.map((user) => user.user_id).join()}`, {
      reply_markup: { remove_keyboard: true },
    }),
  )
  bot.on('message:successful_payment', (context) =>
    context.reply(`Credited ${context.message.successful_payment.total_amount}`),
  )
  bot.on('message:photo', (context) =>
    context.reply(`Got your photo: ${context.message.caption ?? 'without words'}`),
  )
  bot.on('message:text', (context) => context.reply(`You said: ${context.message.text}`))
  bot.on('pre_checkout_query', (context) => context.answerPreCheckoutQuery(true))
  bot.callbackQuery(/^count:(\d+)$/, async (context) => {
    const count = Number(context.match[1])
    await context.answerCallbackQuery()
    await context.editMessageText(`Counted to ${count}`, {
      reply_markup: new InlineKeyboard()
        .text(`Count: ${count}`, `count:${count + 1}`)
        .text('Balance', 'balance'),
    })
  })
  bot.callbackQuery('balance', (context) =>
    context.answerCallbackQuery({ text: 'You have 10 tokens', show_alert: true }),
  )
  bot.callbackQuery('toast', (context) => context.answerCallbackQuery({ text: 'Accepted' }))
  bot.callbackQuery('delete', async (context) => {
    await context.answerCallbackQuery()
    await context.deleteMessage()
  })
  bot.callbackQuery('buy', async (context) => {
    await context.answerCallbackQuery()
    await context.replyWithInvoice('10 tokens', 'Ten tokens for pictures and Stars', 'order-1', 'XTR', [
      { label: '10 tokens', amount: 50 },
    ])
  })
  bot.callbackQuery('picture', async (context) => {
    await context.answerCallbackQuery()
    await context.replyWithChatAction('upload_photo')
    await context.replyWithPhoto(new InputFile(picture(), 'picture.png'), {
      caption: 'Your picture',
      reply_markup: new InlineKeyboard().text('Again', 'picture-again:1'),
    })
    await context.replyWithDocument(new InputFile(Buffer.from('id;sum\n1;50\n'), 'transactions.csv'))
  })
  await bot.api.setMyDescription('Stars and pictures for play money.')
  await bot.api.setMyDescription('Звёзды и картинки.', { language_code: 'ru' })
  await bot.api.setMyCommands([
    { command: 'start', description: 'Main menu' },
    { command: 'people', description: 'Choose a friend' },
  ])
  await bot.api.setMyCommands([{ command: 'admin', description: 'Run the shop' }], {
    scope: { type: 'chat', chat_id: 1 },
  })
  await bot.init()
  void bot.start()
  return () => bot.stop()
}

function picture(): Buffer {
  const canvas = createCanvas(640, 480)
  const pen = canvas.getContext('2d')
  pen.fillStyle = '#88b0d8'
  pen.fillRect(0, 0, 640, 480)
  pen.fillStyle = '#345'
  pen.fillRect(0, 320, 640, 160)
  return canvas.toBuffer('image/png')
}
