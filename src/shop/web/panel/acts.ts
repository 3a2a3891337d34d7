import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { decideAdjustment, readAdjustment } from '#shop/admin/adjustments.ts'
import { closeLetter } from '#shop/admin/letters.ts'
import { setBan } from '#shop/admin/person.ts'
import { giveRole } from '#shop/admin/roles.ts'
import { FIRST_YES, switchCampaign } from '#shop/loyalty/promo/switch.ts'
import { switchPlan } from '#shop/loyalty/subscriptions/manage.ts'
import { moveMailing } from '#shop/mailings/moves.ts'
import { creditReviewed, disownLost, giveBack, giveSuspended } from '#shop/payments/give-back.ts'
import { readPayment } from '#shop/payments/payments.ts'
import { paymentProviders } from '#shop/payments/providers/registry.ts'
import { approveAs, REJECT_REASONS, rejectAs } from '#shop/payments/requests.ts'
import { adminRows } from '#shared/roles.ts'
import { switchCategory } from '#shop/shelf/keeping.ts'
import { switchItem } from '#shop/shelf/manage.ts'
import { rowId } from '../route.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { panelRoute } from './route.ts'

/*
 * Decisions made at the panel. They call the same functions of the rooms as the bot's keys. An answer says what was
 * done; if nothing was done, the answer is an error with the reason.
 */

const number = z.string().regex(/^\d{1,18}$/)

const said = ({ t }: PanelAdmin, key: string, params?: Record<string, string>) => ({
  said: plain(t(key, params)),
})

const deciding = (admin: PanelAdmin) => ({
  bot: admin.bot.name,
  adminId: admin.personId,
  adminName: admin.name,
})

const approve = panelRoute({
  method: 'POST',
  path: '/requests/:id/approve',
  as: 'request-sure',
  minimum: 'admin',
  confirmed: true,
  input: z.object({ id: rowId }),
  async run(admin, input) {
    const outcome = await approveAs(admin.app, { ...deciding(admin), paymentId: input.id })
    if (outcome === 'second-needed') return said(admin, 'request-second')
    if (outcome === 'already') throw new UserError('panel.decided')
    return said(admin, 'panel-credited')
  },
})

const reject = panelRoute({
  method: 'POST',
  path: '/requests/:id/reject',
  as: 'request-reject',
  minimum: 'admin',
  input: z.object({ id: rowId, reason: z.enum(REJECT_REASONS) }),
  async run(admin, input) {
    const moved = await rejectAs(admin.app, { ...deciding(admin), paymentId: input.id, reason: input.reason })
    if (!moved) throw new UserError('panel.decided')
    return said(admin, 'panel-declined')
  },
})

/** A decision about a correction that another admin has asked for. */
const correction = (verdict: 'approve' | 'decline') =>
  panelRoute({
    method: 'POST',
    path: `/corrections/:id/${verdict}`,
    as: `a-${verdict}`,
    minimum: 'admin',
    ...(verdict === 'approve' && { confirmed: true as const }),
    input: z.object({ id: rowId }),
    async run(admin, { id }) {
      const waiting = await readAdjustment(admin.app.db, id)
      if (!waiting) throw new UserError('admin.not-found')
      await decideAdjustment(admin.app, id, admin.personId, waiting.bot, verdict)
      return said(admin, verdict === 'approve' ? 'panel-correction-done' : 'adjust-declined')
    },
  })

const letter = (how: 'replay' | 'settle') =>
  panelRoute({
    method: 'POST',
    path: `/letters/:id/${how}`,
    as: `a-${how}`,
    minimum: 'admin',
    input: z.object({ id: number }),
    async run(admin, input) {
      const change = { id: BigInt(input.id), by: admin.personId, bot: admin.bot.name, how }
      if (!(await closeLetter(admin.app.db, change))) throw new UserError('panel.decided')
      return said(admin, `panel-letter-${how}`)
    },
  })

/** Nothing was left to decide: somebody was faster, or the payment has moved on. */
const LATE: ReadonlySet<unknown> = new Set(['stale', 'nothing', false])

/** A decision about the money of a payment; a large one waits for a second admin. @param done what is said of it */
const aboutPayment = (
  act: 'refund' | 'give' | 'credit' | 'disown',
  as: string,
  decide: (app: PanelAdmin['app'], of: { bot: string; by: bigint; id: string }) => Promise<string | boolean>,
  done: string,
) =>
  panelRoute({
    method: 'POST',
    path: `/payments/:id/${act}`,
    as,
    minimum: 'admin',
    confirmed: true,
    input: z.object({ id: rowId }),
    async run(admin, { id }) {
      const outcome = await decide(admin.app, { bot: admin.bot.name, by: admin.personId, id })
      if (LATE.has(outcome)) throw new UserError('panel.decided')
      return said(admin, outcome === 'second-needed' ? 'decision-second' : done)
    },
  })

/** Coins go to an address that the payer gives in the chat. @throws UserError `panel.in-chat` */
async function refund(app: PanelAdmin['app'], of: { bot: string; by: bigint; id: string }) {
  const payment = await readPayment(app.db, of.id)
  const provider = payment && paymentProviders(app.config.payments).get(payment.provider)
  if (provider?.supports.refunds === 'address') throw new UserError('panel.in-chat')
  return await giveBack(app, of)
}

const ban = panelRoute({
  method: 'POST',
  path: '/people/:id/ban',
  as: 'a-ban',
  minimum: 'support',
  input: z.object({ id: number, reason: z.string().trim().min(1).max(200) }),
  async run(admin, input) {
    const personId = BigInt(input.id)
    if (admin.bot.isAdmin(personId) || personId === admin.personId) throw new UserError('panel.admin')
    await setBan(admin.app.db, { personId, reason: input.reason, by: admin.personId, bot: admin.bot.name })
    return said(admin, 'panel-ban-done')
  },
})

const unban = panelRoute({
  method: 'POST',
  path: '/people/:id/unban',
  as: 'a-unban',
  minimum: 'support',
  input: z.object({ id: number }),
  async run(admin, input) {
    await setBan(admin.app.db, {
      personId: BigInt(input.id),
      reason: undefined,
      by: admin.personId,
      bot: admin.bot.name,
    })
    return said(admin, 'ban-lifted')
  },
})

/** A mailing that goes on writes to people and may cost Stars, like one that starts. */
const mailing = (how: 'pause' | 'resume' | 'cancel') =>
  panelRoute({
    method: 'POST',
    path: `/mailings/:id/${how}`,
    as: `b-${how}`,
    minimum: 'admin',
    ...(how === 'resume' && { confirmed: true as const }),
    input: z.object({ id: rowId }),
    async run(admin, { id }) {
      const { app, bot, personId } = admin
      if (!(await moveMailing(app.db, { id, bot: bot.name, by: personId, how })))
        throw new UserError('panel.moved')
      return said(admin, 'broadcast-changed')
    },
  })

/** Resuming codes may give money away, so it needs a confirmation in the chat. */
const promo = (how: 'pause' | 'resume') =>
  panelRoute({
    method: 'POST',
    path: `/promo/:id/${how}`,
    as: 'a-promo-pause',
    minimum: 'admin',
    ...(how === 'resume' && { confirmed: true as const }),
    input: z.object({ id: number }),
    async run(admin, { id }) {
      const change = { id: BigInt(id), paused: how === 'pause', bot: admin.bot.name, by: admin.personId }
      const outcome = await switchCampaign(admin.app, change)
      if (outcome === 'already') throw new UserError('panel.moved')
      return said(admin, outcome === 'done' ? 'setting-saved' : FIRST_YES[outcome])
    },
  })

const plan = (how: 'retire' | 'resell') =>
  panelRoute({
    method: 'POST',
    path: `/plans/:code/${how}`,
    as: 'a-plan-sale',
    minimum: 'owner',
    confirmed: true,
    input: z.object({ code: z.string().regex(/^[a-z0-9-]{1,32}$/) }),
    async run(admin, { code }) {
      const change = { code, retired: how === 'retire', bot: admin.bot.name, by: admin.personId }
      if (!(await switchPlan(admin.app.db, change))) throw new UserError('panel.moved')
      return said(admin, 'setting-saved')
    },
  })

/** To sell an item again may give it away at an old price, so it needs a confirmation in the chat. */
const item = (how: 'retire' | 'resell') =>
  panelRoute({
    method: 'POST',
    path: `/items/:id/${how}`,
    as: 'a-item-sale',
    minimum: 'admin',
    ...(how === 'resell' && { confirmed: true as const }),
    input: z.object({ id: number }),
    async run(admin, { id }) {
      const change = { id: BigInt(id), retired: how === 'retire', bot: admin.bot.name, by: admin.personId }
      if (!(await switchItem(admin.app.db, change))) throw new UserError('panel.moved')
      return said(admin, 'setting-saved')
    },
  })

const category = (how: 'retire' | 'resell') =>
  panelRoute({
    method: 'POST',
    path: `/categories/:category/${how}`,
    as: 'a-category-hide',
    minimum: 'admin',
    input: z.object({ category: number }),
    async run(admin, input) {
      if (!(await switchCategory(admin, BigInt(input.category), how === 'retire')))
        throw new UserError('panel.moved')
      return said(admin, 'setting-saved')
    },
  })

const takeRole = panelRoute({
  method: 'POST',
  path: '/roles/:id/take',
  as: 'a-role-yes',
  minimum: 'owner',
  confirmed: true,
  input: z.object({ id: number }),
  async run(admin, { id }) {
    const { app, bot } = admin
    const personId = BigInt(id)
    if (bot.isAdmin(personId)) throw new UserError('admin.is-owner')
    const rows = await adminRows(app.db, bot.name)
    if (!rows.some((row) => row.personId === personId)) throw new UserError('panel.moved')
    await giveRole(app.db, { bot: bot.name, personId, role: undefined, by: admin.personId })
    return said(admin, 'role-changed')
  },
})

export const actRoutes = [
  approve,
  reject,
  correction('approve'),
  correction('decline'),
  letter('replay'),
  letter('settle'),
  aboutPayment('refund', 'payback-do', refund, 'payback-accepted'),
  aboutPayment('give', 'payment-give', giveSuspended, 'payment-given'),
  aboutPayment('credit', 'payment-credit-do', creditReviewed, 'payment-given'),
  aboutPayment('disown', 'payment-disown', disownLost, 'payment-disowned'),
  ban,
  unban,
  mailing('pause'),
  mailing('resume'),
  mailing('cancel'),
  promo('pause'),
  promo('resume'),
  plan('retire'),
  plan('resell'),
  item('retire'),
  item('resell'),
  category('retire'),
  category('resell'),
  takeRole,
]
