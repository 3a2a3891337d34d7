import type { FastifyRequest } from 'fastify'
import { servedFrom } from '#shared/acts.ts'
import type { Acting } from '#shared/acts.ts'
import type { Attention } from '#shared/attention.ts'
import { UserError } from '#shared/errors.ts'
import { languageOf } from '#shared/i18n/languages.ts'
import { createLimit } from '#shared/limits.ts'
import { botTexts, readerIn } from '#shared/reader.ts'
import type { Reader } from '#shared/reader.ts'
import type { Role } from '#shared/roles.ts'
import type { SettingGroups } from '#shared/settings/edit.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { SESSION_KEY } from '../hash.ts'
import { createKeys } from '../keys.ts'
import type { WebApp } from '../visitor.ts'
import { closePanels, readPanelSession } from './sessions.ts'

/** An admin at the panel; the counterpart of a chat in the bot. */
export interface PanelAdmin extends Reader, Acting {
  app: WebApp
  bot: ServedBot
  /** The name that buyers and other admins read. */
  name: string
  role: Role
  sessionId: bigint
  /** The admin has confirmed in the chat, within the last minutes, that it is they who use this browser. */
  isConfirmed: boolean
  settingGroups: SettingGroups
  /** What may need an admin, of all rooms. */
  attention: readonly Attention[]
  /** Sends off at once the jobs that the last transaction owes. */
  kick(): void
  /**
   * Checks during a long answer that the admin may go on.
   * @throws UserError `panel.role` when the session or the role has ended
   */
  mustStay(): Promise<void>
}

/** The prefix __Host- makes browsers accept the cookie only from this host over https and send it only there. */
export const COOKIE = '__Host-telekassa-panel'
/**
 * Every request of the panel carries this header. A form or a picture of another site cannot send it, and a script of
 * another site would need our permission (CORS), which nobody gets. With a cookie that is not sent from other sites
 * this prevents forged requests.
 */
export const OURS = 'x-telekassa-panel'

const REQUESTS = 120
const SECONDS = 10

/** Reads the session and the role with every request, so that a role that an owner takes away ends at once. */
export function createPanelkeeper(
  app: WebApp,
  parts: Pick<PanelAdmin, 'settingGroups' | 'attention' | 'kick'>,
) {
  const limit = createLimit(app.backend, { name: 'panel', points: REQUESTS, seconds: SECONDS })
  const keys = createKeys('panel-keys', (key) => readPanelSession(app.db, key))

  return {
    opened: keys.remember,

    /** @throws UserError `panel.elsewhere`, `panel.over`, `panel.role`, `web.often`, `web.closed` */
    async admit(request: FastifyRequest): Promise<PanelAdmin> {
      mustBeOurs(request)
      const key = cookieOf(request)
      const address = request.socket.remoteAddress ?? ''
      const session = key === undefined ? undefined : await keys.sessionOf(key, address)
      const bot = session && app.bots.get(session.bot)
      if (!bot) throw new UserError('panel.over')
      const { personId } = session
      if ((await limit.take(String(personId))) > 0) throw new UserError('web.often')
      const role = bot.isAdmin(personId) ? 'owner' : (session.role ?? undefined)
      if (!role) {
        await closePanels(app.db, { bot: bot.name, personId })
        throw new UserError('panel.role')
      }
      if (session.state === 'removed' || bot.closing) throw new UserError('web.closed')
      return {
        ...parts,
        app,
        bot,
        personId,
        name: session.name || String(personId),
        role,
        sessionId: session.id,
        isConfirmed: session.isConfirmed,
        served: (minimum) => servedFrom(app, { bot: bot.name, personId, role }, minimum),
        async mustStay() {
          const now = await readPanelSession(app.db, key!)
          const still = bot.isAdmin(personId) ? 'owner' : now?.role
          if (!now || still !== role || now.state === 'removed') throw new UserError('panel.role')
        },
        ...readerIn(await botTexts(app, bot.name), session.language ?? languageOf(null)),
      }
    },
  }
}

/** @throws UserError `panel.elsewhere` for a request that a page of ours did not make */
export function mustBeOurs({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site']
  if (headers[OURS] !== '1' || (site !== undefined && site !== 'same-origin'))
    throw new UserError('panel.elsewhere')
}

function cookieOf({ headers }: FastifyRequest): string | undefined {
  for (const one of (headers.cookie ?? '').split(';')) {
    const [name, value = ''] = one.trim().split('=')
    if (name === COOKIE && SESSION_KEY.test(value)) return value
  }
  return undefined
}
