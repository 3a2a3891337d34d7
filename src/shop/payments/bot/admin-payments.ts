import type { PaymentState } from '#shared/money/tables.ts'
import { readBalance } from '#shared/money/read.ts'
import { nameOfPerson } from '#shared/people.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { personIdIn } from '#shared/ids.ts'
import { accountName, providerName } from '#shared/reader.ts'
import { isFrozen, readPayment } from '../payments.ts'
import { refundOf, UNLISTED } from '../refunds.ts'
import {
  creditQuestion,
  creditReviewed,
  disownKey,
  disownLost,
  disownQuestion,
  giveSuspended,
  mayDisown,
} from '../give-back.ts'
import { checkPayment, reconcileStars } from '../jobs.ts'
import { mustReach } from '#shared/acts.ts'
import { paymentsToLookAt } from '../attention.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import {
  countAttention,
  FILTERS,
  type Filter,
  listPayments,
  paymentStory,
  STATE_ICONS,
  type StoryLine,
  waitingOf,
} from '../story.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { shorten } from '#shared/storable.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'

const PAGE = 6

/** Payments of all bots for their admins: the list, and one payment's whole story with what can be done about it. */
export const adminPayments: Feature = {
  adminCommands: { payments: (chat, argument) => open(chat, argument) },
  adminButtons: {
    payments: (chat, args) => showList(chat, args),
    payment: (chat, [id = '']) => showStory(chat, id),
    'payment-check': check,
    'payment-give': sure('payment-give', askGive, give),
    'payment-credit': askCredit,
    'payment-credit-do': credit,
    'payment-disown': sure('payment-disown', askDisown, disown),
  },
  groupButtons: { 'payment-check': check },
  minimumRole: { payments: 'read-only', payment: 'read-only', 'payment-check': 'support' },
  admin: {
    sections: [paymentsToLookAt],
    // Money of this person that is not on their balance stands on their page, with a key to its payment.
    person: async (chat, personId) => {
      const waiting = await waitingOf(chat, chat.app.db, personId, await chat.served())
      return {
        lines: waiting.map(({ line }) => line),
        rows: waiting.map(({ id, key }) => [button(chat, key, ['payment', id], 'primary')]),
      }
    },
    payment: async (chat, payment) => ({
      rows: [[button(chat, chat.t('payment-story'), ['payment', payment.id], 'primary')]],
    }),
  },
}

/** `/payments`, `/payments <number>` or `/payments <person's id>`. */
async function open(chat: Chat, argument: string): Promise<void> {
  if (/^[0-9a-z]{16}$/.test(argument)) {
    await mustReach(chat, 'payment', argument)
    return void (await showStory(chat, argument))
  }
  await showList(chat, ['all', '0', personIdIn(argument) ? argument : ''])
}

async function showList(chat: Chat, [word = '', at = '0', person = '']: string[]): Promise<void> {
  const served = await chat.served()
  // The panel counts what waits for a human, so its key opens that list, unless nothing waits.
  const waits = word === '' && (await countAttention(chat.app.db, served)) > 0
  const filter: Filter = FILTERS.find((one) => one === word) ?? (waits ? 'attention' : 'all')
  const offset = Math.min(10_000, Number(at) || 0)
  const narrowed = person ? { person: BigInt(person) } : {}
  const rows = await listPayments(chat.app.db, { filter, served, offset, limit: PAGE + 1, ...narrowed })
  const pager = [
    ...(offset > 0 ? [button(chat, '‹', ['payments', filter, Math.max(0, offset - PAGE), person])] : []),
    ...(rows.length > PAGE ? [button(chat, '›', ['payments', filter, offset + PAGE, person])] : []),
  ]
  const filters = FILTERS.map((one) =>
    button(chat, `${one === filter ? '• ' : ''}${chat.t(`payments-${one}`)}`, ['payments', one, 0, person]),
  )
  await show(chat, {
    text: [
      chat.t(rows.length > 0 ? 'payments-title' : 'payments-none'),
      // A key is short, so it shows only what tells one payment from another.
      ...rows.slice(0, PAGE).map((row) => {
        const way = providerName(chat, row.provider)
        return `${STATE_ICONS[row.state]} <code>${row.id}</code> · ${way} · ${chat.when(row.createdAt)}`
      }),
    ].join('\n'),
    keyboard: [
      filters.slice(0, 3),
      filters.slice(3),
      ...rows
        .slice(0, PAGE)
        .map((row) => [
          button(
            chat,
            [
              `${STATE_ICONS[row.state]} ${chat.money(row.amount, row.asset)}`,
              shorten(row.name, 12) || String(row.personId),
              row.id.slice(0, 6),
            ].join(' · '),
            ['payment', row.id],
          ),
        ]),
      ...(pager.length > 0 ? [pager] : []),
      [
        button(chat, chat.t('payments-providers'), 'providers'),
        button(chat, chat.t('payments-requests'), 'requests'),
      ],
      back(chat, 'admin'),
    ],
  })
}

async function showStory(chat: Chat, id: string): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment) return { alert: chat.t('payment-unknown') }
  const [lines, refund] = await Promise.all([paymentStory(chat.app.db, id), refundOf(chat.app.db, id)])
  const story = lines.map(
    ({ at, what, details, entries }) =>
      `${chat.when(at)} <b>${storyWord(chat, what)}</b> ${
        entries ? entryWords(chat, entries) : escapeHtml(shorten(details, 160))
      }`,
  )
  const facts = chat.t('payment-facts', {
    icon: STATE_ICONS[payment.state as PaymentState],
    state: chat.t(`state-${payment.state}`),
    sum: chat.money(payment.amount, payment.asset),
    credit: chat.money(payment.creditAmount, payment.creditAsset),
    booked: chat.money(payment.booked, payment.suspendedAsset ?? payment.asset),
    suspended: chat.money(payment.suspended, payment.suspendedAsset ?? payment.asset),
    provider: providerName(chat, payment.provider),
    invoice: escapeHtml(payment.providerRef ?? '—'),
    person: String(payment.personId),
    bot: payment.bot,
    number: id,
  })
  // Telegram takes 4096 characters; the newest lines matter most.
  const told = story.slice(-14).join('\n')
  await show(chat, {
    text: `${facts}\n\n<blockquote expandable>${told}</blockquote>`,
    keyboard: [
      [button(chat, chat.t('payment-check'), ['payment-check', id])],
      ...(payment.suspended > 0n
        ? [[button(chat, chat.t('payment-give'), ['payment-give', id], 'success')]]
        : []),
      ...(payment.state === 'review' && payment.booked === 0n
        ? [[button(chat, chat.t('payment-credit'), ['payment-credit', id])]]
        : []),
      ...(mayDisown(payment)
        ? [[button(chat, chat.t(disownKey(payment)), ['payment-disown', id], 'danger')]]
        : []),
      ...(isFrozen(payment) && !refund
        ? [
            [
              button(chat, chat.t('unlisted-keep'), ['unlisted-keep', id]),
              button(chat, chat.t('unlisted-take'), ['unlisted-take', id], 'danger'),
            ],
          ]
        : []),
      ...(payment.booked > 0n && payment.state !== 'refunded' && !isFrozen(payment) && !refund
        ? [[button(chat, chat.t('payment-refund'), ['payback', id], 'danger')]]
        : []),
      ...(refund?.state === 'unknown' && refund.reason !== UNLISTED
        ? [
            [
              button(chat, chat.t('payback-happened'), ['payback-yes', id]),
              button(chat, chat.t('payback-not'), ['payback-no', id]),
            ],
          ]
        : []),
      back(chat, ['payments', 'all', 0, '']),
    ],
  })
}

const storyWord = (chat: Chat, what: string): string =>
  chat.app.texts.has(chat.language, `payment-story-${what}`)
    ? chat.t(`payment-story-${what}`)
    : escapeHtml(what)

/** A person is named by their id, an account of the shop in words. */
const entryWords = (chat: Chat, entries: NonNullable<StoryLine['entries']>): string =>
  entries
    .map(({ who, asset, amount }) => {
      const whose = /^\d+$/.test(who) ? `<code>${who}</code>` : escapeHtml(accountName(chat, who))
      return `${whose} ${chat.signed(BigInt(amount), asset)}`
    })
    .join(', ')

async function check(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  const round = `admin${chat.ctx.update.update_id}`
  // Nobody can be asked about one payment in Stars, but Telegram's list has all of them.
  if (payment?.provider === 'stars') await chat.app.producer.add(reconcileStars, { at: round })
  else await chat.app.producer.add(checkPayment, { paymentId: id, round })
  return { toast: chat.t('pay-checking') }
}

async function askGive(chat: Chat, [id = '']: string[]): Promise<Question | undefined> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment?.suspendedAsset || payment.suspended <= 0n) return undefined
  const { suspended, suspendedAsset: asset, personId } = payment
  const { available } = await readBalance(chat.app.db, personId, asset)
  const words = {
    sum: chat.money(suspended, asset),
    name: escapeHtml(shorten(await nameOfPerson(chat.app.db, personId), 100)),
    person: String(personId),
    before: chat.money(available, asset),
    after: chat.money(available + suspended, asset),
  }
  return {
    text: chat.t('payment-give-ask', words),
    yes: chat.t('payment-give-yes', words),
    home: ['payment', id],
  }
}

async function give(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const given = await giveSuspended(chat.app, { bot: chat.bot.name, by: chat.personId, id })
  if (given === 'second-needed') return { alert: chat.t('decision-second') }
  await showStory(chat, id)
  return given === 'given' ? { toast: chat.t('payment-given') } : { alert: chat.t('pay-taken-already') }
}

async function askCredit(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment) return { alert: chat.t('payment-unknown') }
  const words = { credit: chat.money(payment.creditAmount, payment.creditAsset) }
  await show(chat, {
    text: creditQuestion(chat, payment),
    keyboard: [
      [button(chat, chat.t('payment-credit-do', words), ['payment-credit-do', id], 'success')],
      back(chat, ['payment', id]),
    ],
  })
}

async function credit(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const done = await creditReviewed(chat.app, { bot: chat.bot.name, by: chat.personId, id })
  if (done === 'second-needed') return { alert: chat.t('decision-second') }
  await showStory(chat, id)
  return done === 'credited' ? { toast: chat.t('payment-given') } : 'stale'
}

async function askDisown(chat: Chat, [id = '']: string[]): Promise<Question | undefined> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment || !mayDisown(payment)) return undefined
  return {
    text: disownQuestion(chat, payment),
    yes: chat.t('payment-disown-yes'),
    home: ['payment', id],
  }
}

async function disown(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const done = await disownLost(chat.app, { bot: chat.bot.name, by: chat.personId, id })
  await showStory(chat, id)
  return done ? { toast: chat.t('payment-disowned') } : 'stale'
}
