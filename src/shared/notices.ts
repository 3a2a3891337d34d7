import type { Sql } from './db/db.ts'
import type { Asset } from './money.ts'
import { owe } from './queue/outbox.ts'
import { sendNotice } from './queue/jobs/notices.ts'
import type { Notice } from './queue/jobs/notices.ts'

/** A sum in a notice: written out in the reader's language when it is sent. */
export interface Sum {
  amount: bigint
  asset: Asset
}

export type NoticeParams = Record<string, string | number | Sum>

/**
 * Owes a person a message, in the transaction that makes it necessary. The same key is one message.
 * Sums travel as text and are formatted when the language is known.
 */
export async function owePersonNotice(
  tx: Sql,
  notice: Omit<Notice, 'personId' | 'params'> & { personId: bigint; params?: NoticeParams },
): Promise<void> {
  const params: Notice['params'] = {}
  for (const [name, value] of Object.entries(notice.params ?? {})) {
    params[name] = typeof value === 'object' ? { amount: String(value.amount), asset: value.asset } : value
  }
  await owe(tx, sendNotice, { ...notice, personId: String(notice.personId), params })
}

/** Tells every admin of every bot of this deployment, once per key. */
export async function oweAdminAlert(
  tx: Sql,
  bots: Iterable<{ name: string; admins: readonly bigint[] }>,
  alert: { key: string; text: string; params?: NoticeParams; buttons?: Notice['buttons'] },
): Promise<void> {
  const told = new Set<bigint>()
  for (const bot of bots) {
    for (const admin of bot.admins) {
      if (told.has(admin)) continue
      told.add(admin)
      await owePersonNotice(tx, { ...alert, key: `${alert.key}-${admin}`, bot: bot.name, personId: admin })
    }
  }
}
