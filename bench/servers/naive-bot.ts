// The bot that an owner would write without this shop: grammY behind its own webhook, a pool, one upsert and one select
// for a screen. No queue, no order per chat, no send budget, no double entry; statements are prepared, so it is fast.
import { createServer } from 'node:http'
import { Bot, webhookCallback } from 'grammy'
import type { Context } from 'grammy'
import pg from 'pg'

const [databaseUrl, token = '', apiRoot = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 })
await pool.query(`create table if not exists naive_people
  (id bigint primary key, username text, first_name text, seen_at timestamptz not null default now(), balance bigint not null default 0,
   menu_message bigint)`)
await pool.query(`create table if not exists naive_payments
  (id text primary key, person_id bigint not null, tokens int not null, stars int not null, link text, created_at timestamptz not null default now())`)

async function person({ from }: Context): Promise<{ balance: string; menu_message: string | null }> {
  await pool.query({
    name: 'upsert',
    text: `insert into naive_people (id, username, first_name) values ($1, $2, $3)
      on conflict (id) do update set username = $2, first_name = $3, seen_at = now()`,
    values: [from!.id, from!.username ?? null, from!.first_name],
  })
  const { rows } = await pool.query<{ balance: string; menu_message: string | null }>({
    name: 'person',
    text: 'select balance, menu_message from naive_people where id = $1',
    values: [from!.id],
  })
  return rows[0]!
}

const WORDS = [
  'Buy tokens',
  'Stars',
  'Premium',
  'Pictures',
  'Balance',
  'Prices',
  'Profile',
  'Help',
  'Friends',
  'Promo',
]
const inline_keyboard = WORDS.map((text) => [{ text, callback_data: text.toLowerCase() }])
const menu = (tokens: string) => ({
  text: `<b>Menu</b>\n\nYou have ${tokens} tokens. What shall it be?`,
  options: {
    parse_mode: 'HTML' as const,
    link_preview_options: { is_disabled: true },
    reply_markup: { inline_keyboard },
  },
})

const bot = new Bot(token, { client: { apiRoot } })
bot.command('menu', async (context) => {
  const { balance, menu_message: old } = await person(context)
  const { text, options } = menu(balance)
  const { message_id: id } = await context.reply(text, options)
  // As in the shop, a chat has one menu: a command sends it anew at the bottom, and the old one goes.
  await pool.query({
    name: 'menu',
    text: 'update naive_people set menu_message = $2 where id = $1',
    values: [context.from!.id, id],
  })
  if (old !== null) await context.api.deleteMessage(context.chat.id, Number(old)).catch(() => {})
})
bot.callbackQuery('menu', async (context) => {
  const { text, options } = menu((await person(context)).balance)
  await context.editMessageText(text, options)
  await context.answerCallbackQuery()
})
bot.callbackQuery(/^pack:(\d+):(\d+):(\w+)$/, async (context) => {
  const [, tokens = '', rate = '', draft = ''] = context.match
  await person(context)
  const id = `${context.from.id}-${draft}`
  const stars = Number(tokens) * Number(rate)
  await pool.query({
    name: 'payment',
    text: 'insert into naive_payments (id, person_id, tokens, stars) values ($1, $2, $3, $4) on conflict do nothing',
    values: [id, context.from.id, tokens, stars],
  })
  const link = await context.api.createInvoiceLink(
    `${tokens} tokens`,
    `${tokens} tokens for the shop`,
    id,
    '',
    'XTR',
    [{ label: `${tokens} tokens`, amount: stars }],
  )
  await pool.query({
    name: 'link',
    text: 'update naive_payments set link = $2 where id = $1',
    values: [id, link],
  })
  await context.editMessageText(`${tokens} tokens for ${stars} Stars, number ${id}`, {
    parse_mode: 'HTML',
    reply_markup: {
      inline_keyboard: [[{ text: 'Pay', url: link }], [{ text: 'Back', callback_data: 'menu' }]],
    },
  })
  await context.answerCallbackQuery()
})
await bot.init()
const handle = webhookCallback(bot, 'http')
const server = createServer((request, response) => void handle(request, response))
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number }
  console.log(`ready http://127.0.0.1:${port}/`)
})
