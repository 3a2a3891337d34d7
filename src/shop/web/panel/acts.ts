import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { closeLetter } from '#shop/admin/letters.ts'
import { setBan } from '#shop/admin/person.ts'
import { giveBack, giveSuspended } from '#shop/payments/give-back.ts'
import { approveAs, REJECT_REASONS, rejectAs } from '#shop/payments/requests.ts'
import { rowId } from '../route.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { panelRoute } from './route.ts'

/*
 * What is decided at the panel: the functions of the rooms that the bot's keys call, in the reader's words. An answer
 * says what was done; what was not done is an error with the reason.
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

const refund = panelRoute({
  method: 'POST',
  path: '/payments/:id/refund',
  as: 'payback-do',
  minimum: 'admin',
  confirmed: true,
  input: z.object({ id: rowId }),
  async run(admin, input) {
    const done = await giveBack(admin.app, { bot: admin.bot.name, by: admin.personId, id: input.id })
    if (done === 'stale') throw new UserError('panel.decided')
    return said(admin, done === 'second-needed' ? 'decision-second' : 'payback-accepted')
  },
})

const give = panelRoute({
  method: 'POST',
  path: '/payments/:id/give',
  as: 'payment-give',
  minimum: 'admin',
  confirmed: true,
  input: z.object({ id: rowId }),
  async run(admin, input) {
    const done = await giveSuspended(admin.app, { bot: admin.bot.name, by: admin.personId, id: input.id })
    if (done === 'nothing') throw new UserError('panel.decided')
    return said(admin, done === 'second-needed' ? 'decision-second' : 'payment-given')
  },
})

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

export const actRoutes = [approve, reject, letter('replay'), letter('settle'), refund, give, ban, unban]
