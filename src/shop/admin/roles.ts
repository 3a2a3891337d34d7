import { audit } from '#shared/audit.ts'
import type { Db } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { setRole } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'

/** What an owner decides about somebody's role in their bot; undefined takes it away. @throws UserError `role.self` */
export async function giveRole(
  db: Db,
  change: { bot: string; personId: bigint; role: Role | undefined; by: bigint },
): Promise<void> {
  const { bot, personId, role, by } = change
  if (personId === by) throw new UserError('role.self')
  await db.tx(async (tx) => {
    await setRole(tx, change)
    await audit(tx, {
      actor: by,
      action: 'role',
      target: `person ${personId}`,
      bot,
      details: { role: role ?? 'none' },
    })
  })
}
