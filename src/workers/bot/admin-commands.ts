import { explain } from '#shared/errors.ts'
import { allows } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'
import type { Chat } from './chat.ts'
import { COMMANDS } from './describe.ts'

/** What an admin's own menu of commands begins with, by the role that each asks for. */
export const ADMIN_COMMANDS: readonly [command: string, minimum: Role][] = [
  ['admin', 'read-only'],
  ['panel', 'read-only'],
  ['find', 'read-only'],
  ['payments', 'read-only'],
  ['requests', 'read-only'],
  ['stats', 'read-only'],
  ['health', 'read-only'],
  ['adjust', 'admin'],
  ['broadcast', 'admin'],
  ['export', 'admin'],
  ['refund', 'admin'],
  ['providers', 'admin'],
  ['wording', 'owner'],
]

/**
 * The menu of commands of a chat follows its role and its language: a list of its own for an admin, which hides that of
 * everybody else, and none of its own once the role is lost. It is only a menu: the right is asked for at every command.
 * Telegram is told when something has changed, not with every update. Decoration: may fail, and is tried again.
 */
export async function followCommands(chat: Chat): Promise<void> {
  const wanted = chat.role && `${chat.role} ${chat.language}`
  if (chat.session['commands'] === wanted) return
  const scope = { type: 'chat' as const, chat_id: Number(chat.personId) }
  try {
    if (!chat.role) await chat.ctx.api.deleteMyCommands({ scope })
    else {
      const own = ADMIN_COMMANDS.filter(([, minimum]) => allows(chat.role, minimum)).map(([name]) => name)
      const described = [...own, ...COMMANDS].map((command) => ({
        command,
        description: chat.t(`command-${command}`),
      }))
      await chat.ctx.api.setMyCommands(described, { scope })
    }
    if (wanted) chat.session['commands'] = wanted
    else delete chat.session['commands']
  } catch (error) {
    chat.log.info({ reason: explain(error) }, 'the menu of commands could not be set')
  }
}
