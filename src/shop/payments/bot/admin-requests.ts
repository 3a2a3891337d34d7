import type { InputMediaPhoto } from 'grammy/types'
import type { Payment } from '#shared/money/tables.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { readBalance } from '#shared/money/read.ts'
import { nameOfPerson } from '#shared/people.ts'
import { wantedOf, wantedWords } from '../more-wanted.ts'
import { readPayment } from '../payments.ts'
import { requestsToDecide } from '../attention.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { readProofs, sameProof } from '../proofs.ts'
import type { RequestProof } from '../proofs.ts'
import { approveAs, countRequests, listRequests, REJECT_REASONS, rejectAs } from '../requests.ts'
import { back, button, chatId, type Screen, send, show } from '#workers/bot/screen.ts'
import { shorten } from '#shared/storable.ts'

/** Telegram's most files in one album. */
const ALBUM = 10
/** Characters of all captions and notes together that are shown; a message holds 4096. */
const WORDS_LENGTH = 2_000

/** Requests by hand, for the admins of the bot they were made in: the proof, yes, or no with a reason. */
export const adminRequests: Feature = {
  adminCommands: { requests: (chat) => showList(chat) },
  adminButtons: {
    requests: (chat) => showList(chat),
    request: showRequest,
    'request-yes': sure,
    'request-sure': yes,
    'request-no': askReason,
    'request-reject': no,
  },
  minimumRole: { requests: 'read-only', request: 'read-only' },
  admin: {
    sections: [requestsToDecide],
  },
}

const waiting = (chat: Chat): Promise<number> => countRequests(chat.app.db, chat.bot.name)

async function showList(chat: Chat): Promise<void> {
  const [rows, count] = await Promise.all([
    listRequests(chat.app.db, { bot: chat.bot.name, limit: 10 }),
    waiting(chat),
  ])
  await show(chat, {
    text: chat.t(rows.length > 0 ? 'requests-title' : 'requests-none', { count }),
    keyboard: [
      ...rows.map(({ id, amount, at, name }) => {
        const when = chat.time(at)
        return [
          button(chat, `${chat.money(amount, 'RUB')} · ${shorten(name, 24)} · ${when}`, ['request', id]),
        ]
      }),
      back(chat, 'admin'),
    ],
  })
}

/** The proofs are messages of their own, through the bot that got them: no other bot can send these files. */
async function showRequest(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await ofThisBot(chat, id)
  if (!payment) return 'stale'
  const proofs = await readProofs(chat.app.db, id)
  const files = proofs.filter(({ fileId }) => fileId)
  // The files are sent once, above the keys: the way back from the list of reasons leads here again.
  const isNew = files.length > 0 && chat.session['request-files'] !== `${id} ${files.length}`
  if (isNew) await sendFiles(chat, id, files)
  chat.session['request-files'] = `${id} ${files.length}`
  const [twins, name] = await Promise.all([
    sameProof(chat.app.db, id),
    nameOfPerson(chat.app.db, payment.personId),
  ])
  const waits = payment.state === 'pending'
  const wanted = wantedOf(payment)
  const words = shorten(proofs.flatMap(({ text }) => text ?? []).join('\n'), WORDS_LENGTH)
  await (isNew ? showBelow : show)(chat, {
    text: [
      chat.t('request-card', {
        sum: chat.money(payment.amount, payment.asset),
        credit: chat.money(payment.creditAmount, payment.creditAsset),
        method: chat.t(`manual-${String(payment.details['method'])}`),
        name: escapeHtml(shorten(name, 100)),
        person: String(payment.personId),
        date: chat.when(payment.createdAt),
        number: id,
      }),
      ...(words ? [`<blockquote>${escapeHtml(words)}</blockquote>`] : []),
      ...(twins.length > 0 ? [chat.t('request-twins', { twins: twins.join(', ') })] : []),
      ...(wanted
        ? [chat.t('request-more-waits', { wanted: wantedWords(chat.t, wanted), by: escapeHtml(wanted.by) })]
        : []),
      ...(waits ? [] : [decidedText(chat, payment)]),
    ].join('\n'),
    keyboard: [
      ...(waits
        ? [
            [
              button(chat, chat.t('request-yes'), ['request-yes', id], 'success'),
              button(chat, chat.t('request-no'), ['request-no', id], 'danger'),
            ],
            [button(chat, chat.t('request-more'), ['request-more', id])],
          ]
        : []),
      [button(chat, chat.t('deal-person'), ['a-person', String(payment.personId)])],
      back(chat, 'requests'),
    ],
  })
}

/** Shows the screen as a message below the files and takes away the screen that was pressed. */
async function showBelow(chat: Chat, screen: Screen): Promise<void> {
  const old = chat.session.anchor
  chat.session.anchor = await send(chat, screen)
  if (old !== undefined) await chat.ctx.api.deleteMessage(chatId(chat), old).catch(() => {})
}

/**
 * Sends albums, because ten messages would be ten sends of the chat's limit. Photos and files cannot share an album.
 */
async function sendFiles(chat: Chat, id: string, proofs: readonly RequestProof[]): Promise<void> {
  const number = { caption: chat.t('pay-number', { number: id }), parse_mode: 'HTML' as const }
  for (const type of ['photo', 'document'] as const) {
    const media = proofs.flatMap(({ kind, fileId }) => (kind === type && fileId ? [fileId] : []))
    for (let from = 0; from < media.length; from += ALBUM) {
      const [first, ...more] = media.slice(from, from + ALBUM).map((one) => ({ type, media: one }))
      // An album has two at least.
      if (more.length === 0)
        await chat.ctx.api[type === 'photo' ? 'sendPhoto' : 'sendDocument'](
          chatId(chat),
          first!.media,
          number,
        )
      else
        await chat.ctx.api.sendMediaGroup(chatId(chat), [
          { ...first!, ...number },
          ...more,
        ] as InputMediaPhoto[])
    }
  }
}

/** A yes gives money for a picture of a receipt, so the question says who gets it and what they will have then. */
async function sure(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await ofThisBot(chat, id)
  if (payment?.state !== 'pending') return 'stale'
  const { personId, creditAsset, creditAmount } = payment
  const [name, { available }] = await Promise.all([
    nameOfPerson(chat.app.db, personId),
    readBalance(chat.app.db, personId, creditAsset),
  ])
  const words = {
    sum: chat.money(payment.amount, payment.asset),
    credit: chat.money(creditAmount, creditAsset),
    name: escapeHtml(shorten(name, 100)),
    person: String(personId),
    before: chat.money(available, creditAsset),
    after: chat.money(available + creditAmount, creditAsset),
  }
  await show(chat, {
    text: chat.t('request-sure', words),
    keyboard: [
      [button(chat, chat.t('request-sure-yes', words), ['request-sure', id], 'success')],
      back(chat, ['request', id]),
    ],
  })
}

async function yes(chat: Chat, [id = '']: string[]): Promise<Answer> {
  if (!(await ofThisBot(chat, id))) return 'stale'
  const outcome = await approveAs(chat.app, deciding(chat, id))
  chat.app.relay.kick()
  const payment = (await readPayment(chat.app.db, id))!
  if (outcome === 'second-needed') return { alert: chat.t('request-second') }
  await show(chat, { text: decidedText(chat, payment), keyboard: [back(chat, 'requests')] })
  return outcome === 'already' ? { alert: decidedText(chat, payment) } : undefined
}

async function askReason(chat: Chat, [id = '']: string[]): Promise<Answer> {
  if (!(await ofThisBot(chat, id))) return 'stale'
  await show(chat, {
    text: chat.t('request-why'),
    keyboard: [
      ...REJECT_REASONS.map((reason) => [
        button(chat, chat.t(`request-reason-${reason}`), ['request-reject', id, reason], 'danger'),
      ]),
      back(chat, ['request', id]),
    ],
  })
}

async function no(chat: Chat, [id = '', word = '']: string[]): Promise<Answer> {
  const reason = REJECT_REASONS.find((one) => one === word)
  if (!reason || !(await ofThisBot(chat, id))) return 'stale'
  const moved = await rejectAs(chat.app, { ...deciding(chat, id), reason })
  chat.app.relay.kick()
  const payment = (await readPayment(chat.app.db, id))!
  await show(chat, { text: decidedText(chat, payment), keyboard: [back(chat, 'requests')] })
  return moved ? undefined : { alert: decidedText(chat, payment) }
}

async function ofThisBot(chat: Chat, id: string): Promise<Payment | undefined> {
  const payment = await readPayment(chat.app.db, id)
  return payment?.bot === chat.bot.name && payment.provider === 'manual' ? payment : undefined
}

const deciding = (chat: Chat, paymentId: string) => ({
  bot: chat.bot.name,
  paymentId,
  adminId: chat.personId,
  adminName: chat.ctx.from?.first_name ?? String(chat.personId),
})

function decidedText(chat: Chat, payment: Payment): string {
  const by = escapeHtml(typeof payment.details['decidedBy'] === 'string' ? payment.details['decidedBy'] : '—')
  return chat.t(payment.state === 'paid' ? 'request-credited' : 'request-declined', {
    by,
    number: payment.id,
  })
}
