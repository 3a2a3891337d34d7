import { z } from 'zod'
import { owePersonNotice } from '#shared/notices.ts'
import { newId } from '#shared/ids.ts'
import { UserError } from '#shared/errors.ts'
import type { PanelAdmin } from './admin.ts'
import { panelRoute } from './route.ts'
import type { PanelAnswer } from './route.ts'
import { browserName } from './browser.ts'
import { askToConfirm, closePanels, openPanels } from './sessions.ts'

const me = panelRoute({
  method: 'GET',
  path: '/me',
  as: 'panel',
  minimum: 'read-only',
  async run({ bot, name, role, language, t, isConfirmed, personId }) {
    return {
      bot: bot.name,
      id: String(personId),
      name,
      role,
      roleText: t(`role-${role}`),
      language,
      isConfirmed,
    }
  },
})

const sessions = panelRoute({
  method: 'GET',
  path: '/sessions',
  as: 'panel',
  minimum: 'read-only',
  async run(admin) {
    const open = await openPanels(admin.app.db, ofAdmin(admin))
    return {
      sessions: open.map((one) => ({
        id: String(one.id),
        browser: browserName(one.browser),
        since: admin.time(one.createdAt),
        until: admin.time(one.expiresAt),
        isThis: one.id === admin.sessionId,
      })),
    }
  },
})

const ofAdmin = ({ bot, personId }: PanelAdmin) => ({ bot: bot.name, personId })

/**
 * Ends one of the admin's own sessions or all of them. This needs no confirmation in the chat, because an admin may
 * have lost the device.
 */
const end = panelRoute({
  method: 'POST',
  path: '/sessions/end',
  as: 'panel',
  minimum: 'read-only',
  input: z.object({
    session: z
      .string()
      .regex(/^\d{1,18}$/)
      .optional(),
  }),
  async run(admin, { session }) {
    const ended = await closePanels(admin.app.db, {
      ...ofAdmin(admin),
      ...(session !== undefined && { id: BigInt(session) }),
    })
    return { ended }
  },
})

/** Asks in the chat whether the admin uses this browser. A yes there is valid for this session for ten minutes. */
const confirm = panelRoute({
  method: 'POST',
  path: '/confirm',
  as: 'panel-confirm',
  minimum: 'read-only',
  async run(admin) {
    const asked = await admin.app.db.tx(async (tx) => {
      const session = await askToConfirm(tx, admin.sessionId)
      if (!session) return false
      await owePersonNotice(tx, {
        key: `panel-confirm-${newId()}`,
        bot: admin.bot.name,
        personId: admin.personId,
        text: 'panel-confirm-ask',
        params: { browser: browserName(session.browser), since: admin.time(session.since) },
        buttons: [
          [['panel-confirm-yes', 'panel-confirm', String(admin.sessionId)]],
          [['panel-confirm-no', 'panel-close']],
        ],
      })
      return true
    })
    if (!asked) throw new UserError('panel.asked')
    return {}
  },
})

export const sessionRoutes = [me, sessions, end, confirm]

export type MeAnswer = PanelAnswer<typeof me>
export type SessionsAnswer = PanelAnswer<typeof sessions>
