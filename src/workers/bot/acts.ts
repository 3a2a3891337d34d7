import type { Context } from '#shared/context.ts'
import { UserError } from '#shared/errors.ts'
import { ownersOf, servedBots } from '#shared/owners.ts'
import type { Served, Thing } from '#shared/owners.ts'
import { allows } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'
import { mayChangeForAll } from '#shared/settings/for-all.ts'
import type { Chat } from './chat.ts'

/**
 * What an act of an admin reaches.
 *
 * - `own`: this bot and nothing else, by the queries of its screen;
 * - `of`: the thing whose id is argument `at`, in a bot where the admin has the role that the act asks for; with `whole`
 *   in every bot it belongs to, because what is done to it holds in all of them;
 * - `served`: things of several bots, of which the screen shows or takes only those that the admin serves;
 * - `scope`: a setting of this bot or of all, by the scope that was chosen: `changeSetting` asks who owns all;
 * - `all`: what all bots share, so the admin must have the role in each of them;
 * - `deployment`: shows how the machinery is, and nothing of anybody's.
 */
export type Act = 'own' | 'served' | 'scope' | 'all' | 'deployment' | { of: Thing; at?: number; whole?: true }

export type Acts = Readonly<Record<string, Act>>

/**
 * The one check of whose things an admin's command, press or typed text is about.
 * @throws UserError `setting.all-bots`, `admin.not-served` when they are somebody else's
 */
export async function checkAct(
  chat: Chat,
  act: Act | undefined,
  minimum: Role,
  args: readonly string[],
): Promise<void> {
  // What no line of the table speaks of is nobody's to do.
  if (act === undefined) throw new UserError('admin.role')
  if (act === 'all') {
    if (!(await mayChangeForAll(chat.app.db, chat.app, chat.personId, minimum)))
      throw new UserError('setting.all-bots')
  } else if (typeof act === 'object') {
    await mustReach(chat, act.of, args[act.at ?? 0] ?? '', { minimum, whole: act.whole })
  }
}

/** For what a command or a search names. @throws UserError `admin.not-served`, `admin.elsewhere` */
export async function mustReach(
  chat: Chat,
  thing: Thing,
  id: string,
  { minimum, whole }: { minimum?: Role; whole?: true | undefined } = {},
): Promise<void> {
  const served = await chat.served(minimum)
  if (served === undefined) return
  const bots = await ownersOf(chat.app.db, thing, id)
  const theirs = bots.filter((bot) => served.includes(bot))
  // What is nobody's in particular is everybody's.
  const reached =
    bots.length > 0
      ? theirs.length > 0
      : await mayChangeForAll(chat.app.db, chat.app, chat.personId, minimum ?? 'read-only')
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
