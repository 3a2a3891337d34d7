import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { readHtml } from '#shared/i18n/html.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Payment } from '#shared/money/tables.ts'
import { beginRequest, offeredMethods, offeredSums, withdrawRequest } from '#shop/payments/by-hand.ts'
import { wantedOf, wantedWords } from '#shop/payments/more-wanted.ts'
import { readPayment } from '#shop/payments/payments.ts'
import { addProof, roomForProof, submitProof, textProof } from '#shop/payments/proofs.ts'
import type { RequestProof } from '#shop/payments/proofs.ts'
import { openRequest, proofWords } from '#shop/payments/requests.ts'
import { manualRequisites } from '#shop/payments/settings.ts'
import type { ManualMethod } from '#shop/payments/settings.ts'
import { draft, rowId as id, webRoute } from './route.ts'
import type { WebAnswer } from './route.ts'
import { fingerprintOf, sendUpload } from './upload.ts'
import { placeOfOrder, plain } from './views.ts'
import type { Visitor } from './visitor.ts'

/**
 * The methods and sums of transfers that admins check by hand, and the person's open request: there is one at a time.
 */
const offer = webRoute({
  method: 'GET',
  path: '/by-hand',
  async run(visitor) {
    const { app, bot, personId, money, t } = visitor
    const [open, methods, { presets, packs, price }] = await Promise.all([
      openRequest(app.db, personId),
      offeredMethods(app.settings, bot.name),
      offeredSums(app.settings, bot.name),
    ])
    return {
      open: open?.id ?? null,
      methods: methods.map((name) => ({ name, title: t(`manual-${name}`) })),
      sums: presets.map((sum) => ({ count: String(sum), title: money(BigInt(sum), 'RUB') })),
      packs: packs.map((count) => ({
        count: String(count),
        title: money(BigInt(count), 'TOK'),
        price: money(price * BigInt(count), 'RUB'),
      })),
    }
  },
})

/** Kopecks or tokens; nobody sends a larger sum by hand. */
const count = z.string().regex(/^[1-9]\d{0,11}$/)

const begin = webRoute({
  method: 'POST',
  path: '/requests',
  input: z.object({
    method: z.string().max(40),
    kind: z.enum(['r', 't']),
    count,
    draft,
    orderId: id.optional(),
  }),
  buys: true,
  async run(visitor, input) {
    const { app, bot, personId } = visitor
    const { orderId } = input
    if (orderId && (await readOrder(app.db, orderId))?.personId !== personId)
      throw new UserError('web.unknown')
    const { presets, packs } = await offeredSums(app.settings, bot.name)
    const offered = (input.kind === 't' ? packs : presets).some((one) => String(one) === input.count)
    if (!orderId && !offered) throw new UserError('web.price')
    // The page names the sum that the order lacks; with any other sum the order would not go on.
    const ask = { method: input.method, count: BigInt(input.count) }
    const made = await beginRequest(
      visitor,
      orderId ? { ...ask, kind: 'o', draft: orderId } : { ...ask, kind: input.kind, draft: input.draft },
    )
    if (made === undefined) throw new UserError('web.method')
    return await show(visitor, made)
  },
})

const request = webRoute({
  method: 'GET',
  path: '/requests/:id',
  input: z.object({ id }),
  run: (visitor, input) => show(visitor, input.id),
})

const withdraw = webRoute({
  method: 'POST',
  path: '/requests/:id/withdraw',
  input: z.object({ id }),
  async run(visitor, input) {
    await theirs(visitor, input.id)
    if (!(await withdrawRequest(visitor.app.db, input.id))) throw new UserError('web.request-moved')
    return await show(visitor, input.id)
  },
})

/** Shorter texts say nothing about a transfer. */
const words = z.string().trim().min(4).max(1000)

const say = webRoute({
  method: 'POST',
  path: '/requests/:id/words',
  input: z.object({ id, words }),
  async run(visitor, input) {
    await hand(visitor, await waits(visitor, input.id), textProof(input.words))
    return await show(visitor, input.id)
  },
})

/**
 * A photo or a file as proof. The bot first sends it to the person's own chat, because admins get their files from
 * there.
 */
const upload = webRoute({
  method: 'POST',
  path: '/requests/:id/file',
  input: z.object({ id }),
  upload: true,
  async run(visitor, input, bytes) {
    const payment = await waits(visitor, input.id)
    const room = await roomForProof(visitor.app.db, payment.id, fingerprintOf(bytes!))
    if (room === 'full') throw new UserError('web.proofs-full')
    // The same file once more would only be a second message in the chat.
    const caption = { text: 'web-proof-caption', params: { number: payment.id } }
    if (room === 'room') await hand(visitor, payment, await sendUpload(visitor, bytes!, caption))
    return await show(visitor, input.id)
  },
})

/**
 * Sending the same proof again changes nothing.
 * @throws UserError `web.request-moved` when the request was decided meanwhile
 */
async function hand({ app, bot }: Visitor, payment: Payment, proof: RequestProof): Promise<void> {
  const taken = await app.db.tx(
    async (tx) =>
      (await submitProof(tx, bot, payment.id, [proof])) ||
      (await addProof(tx, bot, payment.id, proof, false)),
  )
  if (!taken) throw new UserError('web.request-moved')
}

async function waits(visitor: Visitor, requestId: string): Promise<Payment> {
  const found = await theirs(visitor, requestId)
  // Only the bot in which the request was made can fetch its files.
  if (found.bot !== visitor.bot.name) throw new UserError('web.unknown')
  if (found.state !== 'created' && found.state !== 'pending') throw new UserError('web.request-moved')
  return found
}

/** @throws UserError `web.unknown` for another person's request, as for one that does not exist */
async function theirs({ app, personId }: Visitor, requestId: string): Promise<Payment> {
  const found = await readPayment(app.db, requestId)
  if (found?.personId !== personId || found.provider !== 'manual') throw new UserError('web.unknown')
  return found
}

async function show(visitor: Visitor, requestId: string) {
  const found = await theirs(visitor, requestId)
  const { app, t, money } = visitor
  const [requisites, proofs] = await Promise.all([
    app.settings.get(manualRequisites, found.bot),
    proofWords(app.db, found.id),
  ])
  const wanted = wantedOf(found)
  const isOpen = found.state === 'created' || found.state === 'pending'
  const rejected = `request-rejected-${String(found.details['reason'])}`
  const about = { sum: money(found.amount, found.asset), number: found.id }
  return {
    id: found.id,
    state: found.state,
    isOpen,
    sum: about.sum,
    credit: money(found.creditAmount, found.creditAsset),
    requisites:
      found.state === 'created'
        ? (requisites[found.details['method'] as ManualMethod]?.[visitor.language] ?? '')
        : null,
    wanted: wanted ? readHtml(wantedWords(t, wanted)).text : null,
    reason: found.state === 'cancelled' && app.texts.has('ru', rejected) ? plain(t(rejected, about)) : null,
    proofs: proofs.files + (proofs.words === '' ? 0 : 1),
    order: await placeOfOrder(visitor, found.orderId),
  }
}

export const byHandRoutes = [offer, begin, request, withdraw, say, upload]

export type ByHandAnswer = WebAnswer<typeof offer>
export type RequestAnswer = WebAnswer<typeof request>
