import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { goodTitle } from '#shared/good.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import { allows } from '#shared/roles.ts'
import { openFile } from '#shared/telegram/files.ts'
import { answerLines } from '#shop/shelf/asks.ts'
import { refundItem, replaceBought, replacements } from '#shop/shelf/endings.ts'
import { ITEM, itemOf } from '#shop/shelf/good.ts'
import { itemActs, LONGEST_RESULT, LONGEST_WHY } from '#shop/shelf/order-acts.ts'
import type { ItemAct } from '#shop/shelf/order-acts.ts'
import { shelfSecrets } from '#shop/shelf/seal.ts'
import { answersOf, readService } from '#shop/shelf/service-rows.ts'
import { deliverService, refuseService, takeService } from '#shop/shelf/services.ts'
import { decisionsOn } from '#shop/stars-premium/offered-decisions.ts'
import { recordDecision } from '#shop/stars-premium/decisions.ts'
import { isKind } from '#shop/stars-premium/good.ts'
import { rowId, WebFile } from '../route.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { dealAct, replaysOf, storyLines } from './deal.ts'
import type { DealAct } from './deal.ts'
import { stateOf } from './list.ts'
import { conversationAbout } from './questions.ts'
import { panelRoute } from './route.ts'

/* An order at the panel: its page, and what an admin decides about it there as in the chat. */

const order = panelRoute({
  method: 'GET',
  path: '/orders/:id',
  as: 'a-order',
  minimum: 'read-only',
  input: z.object({ id: rowId }),
  async run(admin, input) {
    const found = await readOrder(admin.app.db, input.id)
    if (!found) throw new UserError('admin.not-found')
    const [known, talk, replays] = await Promise.all([
      knownOf(admin, found),
      conversationAbout(admin, { kind: 'order', id: found.id }, found),
      replaysOf(admin, found.id),
    ])
    return {
      id: found.id,
      title: [goodTitle(admin.app.goods, admin.texts, admin.language, found.good), known.name]
        .filter(Boolean)
        .join(' · '),
      facts: [
        [admin.t('panel-column-state'), stateOf(admin, found.state)],
        [admin.t('panel-column-sum'), admin.money(found.price, found.asset)],
        [admin.t('panel-column-bot'), found.bot],
        [admin.t('panel-column-at'), admin.time(found.createdAt)],
        [admin.t('panel-column-number'), found.id],
      ],
      person: String(found.personId),
      story: await storyLines(admin, found.id),
      files: [...known.photos.map((at) => `/orders/${found.id}/photos/${at}`), ...talk.files],
      notes: [...known.notes.flatMap((one) => plain(one).split('\n')), ...talk.notes],
      acts: [...talk.acts, ...known.acts, ...replays, ...talk.write],
    }
  },
})

interface Known {
  notes: string[]
  acts: DealAct[]
  /** The answers that are photos which this bot can fetch. */
  photos: number[]
  /** For an item of the owner's own: its name at the time of the order. */
  name?: string
}

/** What an admin who may decide must know about the order, and the keys for it. */
async function knownOf(admin: PanelAdmin, found: Order): Promise<Known> {
  if (isKind(found.good)) return { ...(await purchaseOf(admin, found)), photos: [] }
  if (found.good !== ITEM.kind) return { notes: [], acts: [], photos: [] }
  const { name } = itemOf(found)
  const service = await readService(admin.app.db, found.id)
  const acts = allows(admin.role, 'admin') ? itemActs(found, service) : []
  if (acts.length === 0) return { notes: [], acts: [], photos: [], name }
  const wishes = service
    ? await wishesOf(admin, found, acts.includes('deliver') ? service.dueAt : null)
    : NONE
  return { ...wishes, name, acts: await keysOf(admin, found.id, acts) }
}

async function purchaseOf(admin: PanelAdmin, found: Order): Promise<Pick<Known, 'notes' | 'acts'>> {
  const { lines, decisions } = await decisionsOn(admin, found)
  const words = {
    sum: admin.money(found.price, found.asset),
    person: String(found.personId),
    number: found.id,
  }
  const mayDecide = allows(admin.role, 'admin')
  return {
    notes: lines,
    acts: (mayDecide ? decisions : []).map((one) =>
      dealAct(admin, {
        path: `/orders/${found.id}/${one}`,
        title: `fadmin-do-${one}`,
        kind: one === 'failed' || one === 'refund' ? 'danger' : 'primary',
        ask: [admin.t(`fadmin-ask-${one}`, words)],
      }),
    ),
  }
}

const NONE: Pick<Known, 'notes' | 'photos'> = { notes: [], photos: [] }

/** The buyer's answers to a service's questions. @param dueAt until when it is promised, while it is not done */
async function wishesOf(
  admin: PanelAdmin,
  { id, bot }: Order,
  dueAt: Date | null,
): Promise<Pick<Known, 'notes' | 'photos'>> {
  const answers = await answersOf(admin.app.db, await shelfSecrets(admin.app), id)
  if (!answers) return NONE
  return {
    notes: [
      ...answerLines(admin, answers).map((one) => one.replace('\n', ': ')),
      ...(dueAt ? [admin.t('admin-service-due', { until: admin.time(dueAt) })] : []),
    ],
    photos: bot === admin.bot.name ? photosAt(answers) : [],
  }
}

const photosAt = ({ asks }: { asks: { type: string }[] }): number[] =>
  asks.flatMap(({ type }, at) => (type === 'photo' ? at : []))

async function keysOf(admin: PanelAdmin, id: string, acts: readonly ItemAct[]): Promise<DealAct[]> {
  const seen = acts.includes('replace') ? await replacements(admin.app.db, id) : 0
  return acts.map((act) => {
    const key = { path: `/orders/${id}/${act}`, title: `shelf-key-${act}` }
    if (act === 'take') return dealAct(admin, key)
    const { ask, most, kind } = TYPED[act]
    return dealAct(admin, {
      ...key,
      kind,
      field: { name: 'words', title: plain(admin.t(ask)), most, isLong: most > LONGEST_WHY },
      ...(act === 'replace' && { sends: { seen } }),
    })
  })
}

/** The field and the style of each act's key. */
const TYPED = {
  deliver: { ask: 'admin-item-deliver-ask', most: LONGEST_RESULT, kind: 'primary' },
  refuse: { ask: 'admin-item-refuse-ask', most: LONGEST_WHY, kind: 'danger' },
  'give-back': { ask: 'admin-item-back-ask', most: LONGEST_WHY, kind: 'danger' },
  replace: { ask: 'admin-item-replace-ask', most: LONGEST_WHY, kind: '' },
} as const

const decide = (decision: 'delivered' | 'failed' | 'retry' | 'refund') =>
  panelRoute({
    method: 'POST',
    path: `/orders/:id/${decision}`,
    as: 'fadmin-yes',
    minimum: 'admin',
    confirmed: true,
    input: z.object({ id: rowId }),
    async run({ app, bot, personId, t }, { id }) {
      const who = { by: personId, bot: bot.name, reason: t(`fadmin-do-${decision}`) }
      const outcome = await recordDecision(app, id, decision, who)
      return { said: plain(t(outcome === 'second-needed' ? 'decision-second' : 'fadmin-decided')) }
    },
  })

const take = panelRoute({
  method: 'POST',
  path: '/orders/:id/take',
  as: 'item-take',
  minimum: 'admin',
  input: z.object({ id: rowId }),
  async run({ app, bot, personId, t }, { id }) {
    await takeService(app, id, { admin: personId, bot: bot.name })
    return { said: plain(t('admin-service-taken')) }
  },
})

/** @throws UserError `item.text` when the text is empty */
const deliver = panelRoute({
  method: 'POST',
  path: '/orders/:id/deliver',
  as: 'item-deliver',
  minimum: 'admin',
  confirmed: true,
  // The text may be a password, which the room encrypts.
  secret: true,
  input: z.object({ id: rowId, words: z.string().max(LONGEST_RESULT) }),
  async run({ app, bot, personId, t }, { id, words }) {
    const text = words.trim()
    if (text === '') throw new UserError('item.text', { most: LONGEST_RESULT })
    await deliverService(app, id, { admin: personId, bot: bot.name, words: text })
    return { said: plain(t('admin-service-delivered')) }
  },
})

/**
 * Ends an order with a reason that its buyer reads.
 * @throws UserError `item.reason` when it is empty
 */
const withReason = (
  act: 'refuse' | 'give-back' | 'replace',
  as: string,
  end: (admin: PanelAdmin, given: { id: string; reason: string; seen: number }) => Promise<string>,
) =>
  panelRoute({
    method: 'POST',
    path: `/orders/:id/${act}`,
    as,
    minimum: 'admin',
    confirmed: true,
    input: z.object({
      id: rowId,
      words: z.string().max(LONGEST_WHY),
      seen: z.number().int().min(0).default(0),
    }),
    async run(admin, { id, words, seen }) {
      const reason = words.trim()
      if (reason === '') throw new UserError('item.reason')
      return { said: plain(admin.t(await end(admin, { id, reason, seen }))) }
    },
  })

const refuse = withReason('refuse', 'item-refuse', async ({ app, bot, personId }, { id, reason }) => {
  await refuseService(app, id, { admin: personId, bot: bot.name, reason })
  return 'admin-service-refused'
})

const giveItemBack = withReason('give-back', 'item-back', async ({ app, bot, personId }, { id, reason }) => {
  const done = await refundItem(app, id, { admin: personId, bot: bot.name, reason })
  return done === 'second-needed' ? 'decision-second' : 'admin-item-back-done'
})

const replace = withReason(
  'replace',
  'item-replace',
  async ({ app, bot, personId }, { id, reason, seen }) => {
    const done = await replaceBought(app, id, { admin: personId, bot: bot.name, reason }, seen)
    return done === 'second-needed' ? 'decision-second' : 'admin-item-replace-done'
  },
)

/** A photo among the buyer's answers, fetched from Telegram by the bot that received it. */
const photo = panelRoute({
  method: 'GET',
  path: '/orders/:id/photos/:at',
  as: 'item-photos',
  minimum: 'admin',
  input: z.object({ id: rowId, at: z.coerce.number().int().min(0).max(50) }),
  async run({ app, bot }, { id, at }) {
    const found = await readOrder(app.db, id)
    const answers = found?.bot === bot.name ? await answersOf(app.db, await shelfSecrets(app), id) : undefined
    const fileId = answers?.asks[at]?.type === 'photo' ? answers.values[at] : undefined
    if (fileId === undefined) throw new UserError('admin.not-found')
    return new WebFile(await openFile(app, bot, { fileId }))
  },
})

export const orderRoutes = [
  order,
  decide('delivered'),
  decide('failed'),
  decide('retry'),
  decide('refund'),
  take,
  deliver,
  refuse,
  giveItemBack,
  replace,
  photo,
]
