import { sql as q } from 'kysely'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { goodTitle } from '#shared/good.ts'
import { idFrom } from '#shared/ids.ts'
import type { Asset } from '#shared/money.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show, showBelow } from '#workers/bot/screen.ts'
import { UNHEARD } from '#workers/bot/unexpected.ts'
import {
  aboutOf,
  attachedTo,
  isTheirs,
  MESSAGE_LENGTH,
  readMessage,
  unanswered,
  writeToSupport,
} from '../messages.ts'
import { supportSql } from '../tables.ts'
import type { About } from '../tables.ts'
import { keepCard } from '../questions.ts'

/** The input that takes what a person writes to support. */
const WRITE = 'support-write'
/** For this many days after a message of the admins a person may answer without pressing a key. */
const ANSWER_DAYS = 3
const CHOICES = 5

/** Leads people to the owner's contact where there is one, else to the admins through the bot. */
export const support: Feature = {
  commands: { support: (chat) => showSupport(chat), paysupport: (chat) => showSupport(chat) },
  buttons: {
    support: (chat) => showSupport(chat),
    'support-about': chooseAbout,
    'support-this': askAbout,
    'support-reply': reply,
    'support-pass': passOn,
  },
  open: ['support', 'paysupport', 'support-about', 'support-this', 'support-reply', 'support-pass', WRITE],
  inputs: { [WRITE]: write },
  other: answerWithoutKey,
}

async function showSupport(chat: Chat): Promise<void> {
  const { supportUrl } = chat.app.config.texts
  chat.session.awaiting = supportUrl ? undefined : { input: WRITE, args: [] }
  await show(chat, {
    text: chat.t(supportUrl ? 'support' : 'support-write-here', { id: String(chat.personId) }),
    keyboard: [
      ...(supportUrl
        ? [[{ text: chat.t('support-write'), url: supportUrl }]]
        : [[button(chat, chat.t('support-about'), 'support-about')]]),
      back(chat, 'help'),
    ],
  })
}

interface Choice extends About {
  what: string
  amount: bigint
  asset: Asset
  createdAt: Date
}

/** Offers the person's last payments and orders, so that the admins get a question together with what it is about. */
async function chooseAbout(chat: Chat): Promise<Answer> {
  const payments = supportSql
    .selectFrom('payments')
    .select([q.lit<Choice['kind']>('payment').as('kind'), 'id', 'provider as what', 'amount', 'asset'])
    .select('created_at as createdAt')
    .where('person_id', '=', chat.personId)
    .where('bot', '=', chat.bot.name)
    .where((is) => is.not(is.and([is('provider', '=', 'stars'), is('state', 'in', ['created', 'expired'])])))
    .orderBy('created_at', 'desc')
    .limit(CHOICES)
  const orders = supportSql
    .selectFrom('orders')
    .select([q.lit<Choice['kind']>('order').as('kind'), 'id', 'good as what', 'price as amount', 'asset'])
    .select('created_at as createdAt')
    .where('person_id', '=', chat.personId)
    .where('bot', '=', chat.bot.name)
    .where('parent_id', 'is', null)
    .where('state', 'not in', ['draft', 'expired', 'cancelled'])
    .orderBy('created_at', 'desc')
    .limit(CHOICES)
  // Each list is limited by itself, so that no more than these rows are read and sorted.
  const both = supportSql
    .selectFrom(payments.as('payments'))
    .selectAll()
    .unionAll(supportSql.selectFrom(orders.as('orders')).selectAll())
  const choices: Choice[] = await chat.app.db.rows(
    supportSql.selectFrom(both.as('things')).selectAll().orderBy('createdAt', 'desc').limit(CHOICES),
  )
  await show(chat, {
    text: chat.t(choices.length > 0 ? 'support-choose' : 'support-choose-none'),
    keyboard: [
      ...choices.map((one) => [button(chat, label(chat, one), ['support-this', one.kind, one.id])]),
      back(chat, 'support'),
    ],
  })
}

function label(chat: Chat, { kind, what, amount, asset, createdAt }: Choice): string {
  const name =
    kind === 'payment' ? chat.t(`method-${what}`) : goodTitle(chat.app.goods, chat.texts, chat.language, what)
  // On a phone the end of a long key is cut off, and the name of a way to pay is the longest and tells the least.
  return `${chat.money(amount, asset)} · ${chat.time(createdAt)} · ${name}`
}

/** @param place `below` for the key of a card: the card stays, because it shows how its order or payment goes on */
async function askAbout(chat: Chat, [kind = '', id = '', place]: string[]): Promise<Answer> {
  const { supportUrl } = chat.app.config.texts
  chat.session.awaiting = supportUrl ? undefined : { input: WRITE, args: [kind, id] }
  await (place === 'below' ? showBelow : show)(chat, {
    text: chat.t(supportUrl ? 'support-ask-there' : 'support-ask', { number: id }),
    keyboard: [
      ...(supportUrl ? [[{ text: chat.t('support-write'), url: supportUrl }]] : []),
      back(chat, 'support'),
    ],
  })
}

/** The key below a message of the admins: the answer is about the same thing as the message. */
async function reply(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const message = await readMessage(chat.app.db, id)
  if (message?.personId !== chat.personId) return 'stale'
  const about = aboutOf(message)
  chat.session.awaiting = { input: WRITE, args: about ? [about.kind, about.id] : [] }
  return { alert: chat.t('support-reply-ask') }
}

async function write(chat: Chat, [kind, id = '']: string[]): Promise<void> {
  const about = kind === 'payment' || kind === 'order' ? ({ kind, id } as const) : undefined
  await handIn(chat, about && (await isTheirs(chat.app.db, about, chat.personId)) ? about : undefined)
}

/** The words that the bot did not understand go to support as they were typed. */
async function passOn(chat: Chat): Promise<void> {
  const { [UNHEARD]: words } = chat.session
  if (typeof words !== 'string' || words === '') return await showSupport(chat)
  chat.session[UNHEARD] = undefined
  await handIn(chat, undefined, words)
}

/** @param words of an earlier message; without them the update's own message is handed in */
async function handIn(chat: Chat, about: About | undefined, words?: string): Promise<void> {
  const { message } = chat.ctx
  const text = (words ?? message?.text ?? message?.caption ?? '').trim()
  const file = attachedTo(message)
  if ((text === '' && !file) || text.length > MESSAGE_LENGTH)
    throw new UserError('support.message', { most: MESSAGE_LENGTH })
  const { first_name, last_name, username } = chat.ctx.from!
  const name = [first_name, last_name, username && `@${username}`].filter(Boolean).join(' ')
  const id = idFrom('support', chat.bot.name, chat.ctx.update.update_id)
  const { personId } = chat
  await chat.app.db.tx((tx) => writeToSupport(tx, chat.bot, { id, personId, name, text, file, about }))
  chat.app.relay.kick()
  // Words that the person adds a moment later belong to the same question.
  chat.session.awaiting = { input: WRITE, args: about ? [about.kind, about.id] : [] }
  // Navigation does not edit this message, because it says later that support has read what the person wrote.
  const sent = await (words === undefined ? showBelow : show)(chat, {
    text: chat.t('support-sent', { text: escapeHtml(text) || '📎' }),
    keyboard: [[button(chat, chat.t('menu-open'), 'menu-below')]],
  })
  chat.session.anchor = undefined
  await chat.app.db.tx((tx) => keepCard(tx, id, sent))
  chat.app.relay.kick()
}

/** Plain words after a message of the admins are the answer to that message. */
async function answerWithoutKey(chat: Chat): Promise<boolean> {
  const { message } = chat.ctx
  const text = message?.text
  if (!text || text.startsWith('/') || message.chat.type !== 'private' || message.via_bot) return false
  if (chat.session.awaiting || chat.isAdmin) return false
  const last = await unanswered(chat.app.db, chat.personId, chat.bot.name, ANSWER_DAYS)
  if (!last) return false
  await handIn(chat, aboutOf(last))
  return true
}
