import { audit } from '#shared/audit.ts'
import type { Db } from '#shared/db/db.ts'
import { lockWord } from '#shared/db/lock.ts'
import { UserError } from '#shared/errors.ts'
import { adminRows, setRole } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'

/**
 * Changes a person's role in the owner's bot; undefined takes the role away.
 * @returns false when the person had this role already
 * @throws UserError `role.self`
 */
export async function giveRole(
  db: Db,
  change: { bot: string; personId: bigint; role: Role | undefined; by: bigint },
): Promise<boolean> {
  const { bot, personId, role, by } = change
  if (personId === by) throw new UserError('role.self')
  return await db.tx(async (tx) => {
    // The lock makes two presses at once give the role once, with one set of consequences.
    await lockWord(tx, `role ${bot} ${personId}`)
    const now = (await adminRows(tx, bot)).find((one) => one.personId === personId)?.role
    if (now === role) return false
    await setRole(tx, change)
    await audit(tx, {
      actor: by,
      action: 'role',
      target: `person ${personId}`,
      bot,
      details: { role: role ?? 'none' },
    })
    return true
  })
}
