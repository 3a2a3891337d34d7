import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { goodTitle } from '#shared/good.ts'
import { operations } from '#shared/money/read.ts'
import { allows } from '#shared/roles.ts'
import { personPage } from '#shop/admin/person.ts'
import { operationWords, personLines } from '#shop/admin/person-words.ts'
import { search, SHOWN } from '#shop/admin/search.ts'
import type { Found } from '#shop/admin/search.ts'
import {
  creditQuestion,
  disownKey,
  disownQuestion,
  mayDisown,
  refundWords,
} from '#shop/payments/give-back.ts'
import { isFrozen, readPayment } from '#shop/payments/payments.ts'
import { refundOf } from '#shop/payments/refunds.ts'
import { waitingOf } from '#shop/payments/story.ts'
import { readProofs } from '#shop/payments/proofs.ts'
import { proofWords } from '#shop/payments/requests.ts'
import { openFile } from '#shared/telegram/files.ts'
import { WebFile } from '../route.ts'
import { rowId } from '../route.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { dealAct, replaysOf, storyLines } from './deal.ts'
import { named, stateOf } from './list.ts'
import { conversationAbout, conversationWith } from './questions.ts'
import { panelRoute } from './route.ts'
import type { PanelAnswer } from './route.ts'

const RECENT = 20

/** A person with everything: the lines of the bot's own page, the newest operations; their deals are lists. */
const person = panelRoute({
  method: 'GET',
  path: '/people/:id',
  as: 'a-person',
  minimum: 'read-only',
  input: z.object({ id: z.string().regex(/^\d{1,18}$/) }),
  async run(admin, input) {
    const served = await admin.served()
    const personId = BigInt(input.id)
    const [talk, page, recent, waiting] = await Promise.all([
      conversationWith(admin, personId),
      personPage(admin.app.db, personId, served),
      operations(admin.app.db, personId, { limit: RECENT }),
      waitingOf(admin, admin.app.db, personId, served),
    ])
    if (!page) throw new UserError('admin.no-person', { id: input.id })
    const [title = '', ...lines] = personLines(admin, admin.app.goods, page, served).map(plain)
    return {
      id: input.id,
      title,
      notes: talk.notes,
      files: talk.files,
      acts: [...talk.acts, ...talk.write],
      lines: [...waiting.map(({ line }) => line), ...lines.filter((line) => line !== '')],
      mayAdjust: allows(admin.role, 'admin'),
      mayGiveRole: allows(admin.role, 'owner') && !admin.bot.isAdmin(personId) && personId !== admin.personId,
      isBanned: page.bannedAt !== null,
      mayBan: allows(admin.role, 'support') && !admin.bot.isAdmin(personId) && personId !== admin.personId,
      operations: recent.map((one) => ({
        id: `${one.id} ${one.asset}`,
        sum: admin.signed(one.amount, one.asset),
        isPlus: one.amount > 0n,
        what: plain(operationWords(admin.app.goods, admin, served, one)),
        after: admin.money(one.balanceAfter, one.asset),
        at: admin.time(one.createdAt),
      })),
    }
  },
})

const refundKey = (id: string) => ({
  path: `/payments/${id}/refund`,
  question: `/payments/${id}/refund`,
  kind: 'danger' as const,
})

const payment = panelRoute({
  method: 'GET',
  path: '/payments/:id',
  as: 'payment',
  minimum: 'read-only',
  input: z.object({ id: rowId }),
  async run(admin, input) {
    const found = await readPayment(admin.app.db, input.id)
    if (!found) throw new UserError('admin.not-found')
    const [talk, replays, story, refund, proofs] = await Promise.all([
      conversationAbout(admin, { kind: 'payment', id: found.id }, found),
      replaysOf(admin, found.id),
      storyLines(admin, found.id),
      refundOf(admin.app.db, found.id),
      found.provider === 'manual' ? proofWords(admin.app.db, found.id) : undefined,
    ])
    const mayMove = allows(admin.role, 'admin')
    const { suspended, suspendedAsset, asset } = found
    const isBack = found.booked > 0n && found.state !== 'refunded' && !isFrozen(found) && !refund
    const isOpen = found.provider === 'manual' && found.state === 'pending' && found.bot === admin.bot.name
    return {
      id: found.id,
      title: `${admin.money(found.amount, asset)} · ${named(admin, `provider-name-${found.provider}`, found.provider)}`,
      facts: [
        [admin.t('panel-column-state'), stateOf(admin, found.state)],
        [admin.t('panel-column-credit'), admin.money(found.creditAmount, found.creditAsset)],
        [admin.t('panel-column-booked'), admin.money(found.booked, suspendedAsset ?? asset)],
        [admin.t('panel-column-suspended'), admin.money(suspended, suspendedAsset ?? asset)],
        [admin.t('panel-column-invoice'), found.providerRef ?? '—'],
        [admin.t('panel-column-bot'), found.bot],
        [admin.t('panel-column-at'), admin.time(found.createdAt)],
        [admin.t('panel-column-number'), found.id],
        ...(proofs ? [[admin.t('panel-column-proof'), proofs.words || '—']] : []),
        ...(proofs && proofs.files > 0
          ? [[admin.t('panel-column-files'), admin.t('panel-files', { count: proofs.files })]]
          : []),
        ...(proofs && proofs.twins.length > 0
          ? [[admin.t('panel-column-twins'), proofs.twins.join(', ')]]
          : []),
      ],
      person: String(found.personId),
      /** Pictures and files that only the bot in which the request was made can fetch. */
      files: [
        ...Array.from(
          { length: found.bot === admin.bot.name ? (proofs?.files ?? 0) : 0 },
          (_, at) => `/requests/${found.id}/proofs/${at}`,
        ),
        ...talk.files,
      ],
      story,
      notes: talk.notes,
      acts: [
        ...talk.acts,
        ...(mayMove
          ? [
              ...(isOpen
                ? [dealAct(admin, { path: `/requests/${found.id}/approve`, title: 'request-yes' })]
                : []),
              ...(suspended > 0n
                ? [dealAct(admin, { path: `/payments/${found.id}/give`, title: 'payment-give' })]
                : []),
              ...(found.state === 'review' && found.booked === 0n
                ? [
                    dealAct(admin, {
                      path: `/payments/${found.id}/credit`,
                      title: 'payment-credit',
                      ask: [creditQuestion(admin, found)],
                    }),
                  ]
                : []),
              ...(mayDisown(found)
                ? [
                    dealAct(admin, {
                      path: `/payments/${found.id}/disown`,
                      title: disownKey(found),
                      kind: 'danger',
                      ask: [disownQuestion(admin, found)],
                    }),
                  ]
                : []),
              ...(isBack ? [dealAct(admin, { ...refundKey(found.id), title: 'payment-refund' })] : []),
            ]
          : []),
        ...replays,
        ...talk.write,
      ],
    }
  },
})

/** A file that was shown for a transfer, as Telegram keeps it. */
const proof = panelRoute({
  method: 'GET',
  path: '/requests/:id/proofs/:at',
  as: 'request',
  minimum: 'read-only',
  input: z.object({ id: rowId, at: z.coerce.number().int().min(0).max(50) }),
  async run({ app, bot }, input) {
    const found = await readPayment(app.db, input.id)
    if (found?.provider !== 'manual' || found.bot !== bot.name) throw new UserError('admin.not-found')
    const files = (await readProofs(app.db, found.id)).flatMap(({ fileId }) => fileId ?? [])
    const fileId = files[input.at]
    if (fileId === undefined) throw new UserError('admin.not-found')
    return new WebFile(await openFile(app, bot, { fileId }))
  },
})

/** What a refund would do, before the key that does it. */
const refundQuestion = panelRoute({
  method: 'GET',
  path: '/payments/:id/refund',
  as: 'payback',
  minimum: 'admin',
  input: z.object({ id: rowId }),
  async run(admin, input) {
    const found = await readPayment(admin.app.db, input.id)
    if (!found) throw new UserError('admin.not-found')
    const { can, lines } = await refundWords(admin.app, admin, found)
    return {
      lines: lines.map(plain),
      /** The payer gives an address in the chat, where it is checked and shown. */
      can: can === 'stars' || can === 'full',
      inChat: can === 'address' ? plain(admin.t('panel-refund-in-chat')) : null,
    }
  },
})

const find = panelRoute({
  method: 'GET',
  path: '/find',
  as: 'find',
  minimum: 'read-only',
  input: z.object({ word: z.string().max(500) }),
  async run(admin, { word }) {
    const served = await admin.served()
    const found = await search(admin.app.db, word, served)
    return {
      more: found.length > SHOWN ? plain(admin.t('find-more', { count: SHOWN })) : null,
      found: found.slice(0, SHOWN).map((one) => ({
        opens: `${one.kind}/${one.id}`,
        kind: plain(admin.t(`find-${one.kind}`)),
        title: titleOf(admin, one),
      })),
      // An update, a job or a posting has no page of its own, but a story.
      story: found.length === 0 && word.trim() !== '' ? await storyLines(admin, word.trim()) : [],
    }
  },
})

function titleOf(admin: PanelAdmin, { kind, id: number, label }: Found): string {
  if (kind !== 'order') return label || number
  const [good = '', state = ''] = label.split(' ')
  return `${goodTitle(admin.app.goods, admin.texts, admin.language, good)} · ${stateOf(admin, state)}`
}

export const pageRoutes = [person, payment, proof, refundQuestion, find]

export type PersonAnswer = PanelAnswer<typeof person>
export type DealAnswer = PanelAnswer<typeof payment>
export type RefundAnswer = PanelAnswer<typeof refundQuestion>
export type FindAnswer = PanelAnswer<typeof find>
