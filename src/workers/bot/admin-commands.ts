import { explain } from '#shared/errors.ts'
import { allows } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'
import type { Chat } from './chat.ts'
import { COMMANDS } from './describe.ts'

/** The first commands of an admin's menu, with the role that each needs. */
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
 * Keeps a chat's command menu in line with its role and language: an admin gets a list of their own, which hides
 * everybody's; a person who lost the role gets the common list back. The menu grants no rights: the role is checked at
 * every command. Telegram is told only when something changed. A failure costs nothing and is tried again later.
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
