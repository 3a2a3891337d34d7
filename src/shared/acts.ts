import type { Context } from './context.ts'
import { UserError } from './errors.ts'
import { ownersOf, servedBots } from './owners.ts'
import type { Served, Thing } from './owners.ts'
import { allows } from './roles.ts'
import type { Role } from './roles.ts'
import { mayChangeForAll } from './settings/for-all.ts'

/**
 * What an act of an admin reaches.
 * - `own`: this bot and nothing else, by the queries of its screen.
 * - `of`: the thing whose id is argument `at`, in a bot where the admin has the role that the act asks for; with
 * `whole`, the role is needed in every bot of the thing, because the act holds in all of them.
 * - `served`: things of several bots; the screen shows or takes only those that the admin serves.
 * - `scope`: a setting of this bot or of all bots; `changeSetting` checks who may change all.
 * - `all`: things that all bots share, so the admin needs the role in each bot.
 * - `deployment`: the state of the machinery, and nothing of any person.
 */
export type Act = 'own' | 'served' | 'scope' | 'all' | 'deployment' | { of: Thing; at?: number; whole?: true }

export type Acts = Readonly<Record<string, Act>>

/** An admin who does something, in the chat or on a page. */
export interface Acting {
  app: Pick<Context, 'db' | 'config' | 'bots'>
  personId: bigint
  /** The bots in which the admin has at least this role. */
  served(minimum?: Role): Promise<Served>
}

/**
 * The only check of whose things an admin's command, press, typed text or page request touches.
 * @throws UserError `setting.all-bots`, `admin.not-served` when the things belong to others
 */
export async function checkAct(
  admin: Acting,
  act: Act | undefined,
  minimum: Role,
  args: readonly string[],
): Promise<void> {
  // An act without a line in the table is refused to everybody.
  if (act === undefined) throw new UserError('admin.role')
  if (act === 'all') {
    if (!(await mayChangeForAll(admin.app.db, admin.app, admin.personId, minimum)))
      throw new UserError('setting.all-bots')
  } else if (typeof act === 'object') {
    await mustReach(admin, act.of, args[act.at ?? 0] ?? '', { minimum, whole: act.whole })
  }
}

/**
 * The same check for a thing that a command or a search names.
 * @throws UserError `admin.not-served`, `admin.elsewhere`
 */
export async function mustReach(
  admin: Acting,
  thing: Thing,
  id: string,
  { minimum, whole }: { minimum?: Role; whole?: true | undefined } = {},
): Promise<void> {
  const served = await admin.served(minimum)
  if (served === undefined) return
  const bots = await ownersOf(admin.app.db, thing, id)
  const theirs = bots.filter((bot) => served.includes(bot))
  // A thing that belongs to no bot in particular may be reached by every admin.
  const reached =
    bots.length > 0
      ? theirs.length > 0
      : await mayChangeForAll(admin.app.db, admin.app, admin.personId, minimum ?? 'read-only')
  if (!reached)
    throw thing === 'bot' ? new UserError('bot.not-yours', { name: id }) : new UserError('admin.not-served')
  if (whole && theirs.length < bots.length) throw new UserError('admin.elsewhere')
}

/** The bots that an admin of this bot serves; the role in this one was read with the update. */
export async function servedFrom(
  app: Pick<Context, 'db' | 'config' | 'bots'>,
  { bot, personId, role }: { bot: string; personId: bigint; role: Role | undefined },
  minimum: Role = 'read-only',
): Promise<Served> {
  const served = await servedBots(app.db, app, personId, minimum)
  return served === undefined || served.includes(bot) || !allows(role, minimum) ? served : [...served, bot]
}
