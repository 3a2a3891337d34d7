import { adminsOf } from './roles.ts'
import { sharedSql } from './tables.ts'
import { jsonb } from './db/build.ts'
import type { Sql } from './db/db.ts'
import type { Language } from './i18n/languages.ts'
import type { Asset } from './money.ts'
import { owe, oweAll, owed } from './queue/outbox.ts'
import type { Owed } from './queue/outbox.ts'
import { tellAlerts } from './queue/jobs/admin.ts'
import { sendNotice } from './queue/jobs/notices.ts'
import type { Notice } from './queue/jobs/notices.ts'

/** A sum inside a notice; it is formatted in the reader's language when the notice is sent. */
export interface Sum {
  amount: bigint
  asset: Asset
}

/** The words in each language; the reader gets their own. */
export type Words = Record<Language, string>

export type NoticeParams = Record<string, string | number | Sum | Words>

export type PersonNotice = Omit<Notice, 'personId' | 'params'> & {
  personId: bigint
  params?: NoticeParams
  /** Variables in the form in which a notice stores them. */
  rawParams?: Notice['params']
}

/**
 * Owes a person a message, in the transaction that makes it necessary. The same key gives one message. Sums are stored
 * as text and formatted when the reader's language is known.
 */
export async function owePersonNotice(tx: Sql, notice: PersonNotice): Promise<void> {
  await oweAll(tx, [personNotice(notice)])
}

/** The same message as a job, to be owed together with other jobs. */
export function personNotice({ rawParams, params, ...rest }: PersonNotice): Owed {
  return owed(sendNotice, {
    ...rest,
    personId: String(rest.personId),
    params: rawParams ?? travelling(params ?? {}),
  })
}

/**
 * Owes the admins of a bot who have at least this role one message in a topic of their group, or one to each of them
 * where no group is connected.
 */
export async function oweTeamNotice(
  tx: Sql,
  bot: { name: string; admins: readonly bigint[] },
  team: NonNullable<Notice['team']>,
  notice: Omit<PersonNotice, 'bot' | 'personId' | 'team'>,
): Promise<void> {
  const [personId] = await adminsOf(tx, bot, team.minimum)
  if (personId !== undefined) await owePersonNotice(tx, { ...notice, bot: bot.name, personId, team })
}

function travelling(params: NoticeParams): Notice['params'] {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'object' && 'amount' in value
        ? { amount: String(value.amount), asset: value.asset }
        : value,
    ]),
  )
}

/**
 * The bots whose admins hear an alert about an order or a payment: its own bot, and the deployment's first bot,
 * whose owners serve all bots. Admins of other owners do not learn of it.
 */
export function toldOf(bots: ReadonlyMap<string, { name: string }>, bot: string): { name: string }[] {
  const [first] = bots.values()
  return [...new Set([bot, first?.name ?? bot])].map((name) => ({ name }))
}

/**
 * The bots whose admins hear an alert about the deployment itself: its accounts at providers and the reseller, and
 * what people did in all bots together.
 */
export function operatorsOf(bots: ReadonlyMap<string, { name: string }>): { name: string }[] {
  const [first] = bots.values()
  return first ? [{ name: first.name }] : []
}

/** Alerts with the same text within this time become one message. */
const WINDOW_MS = 5 * 60_000
/** The message waits this long, so that a burst of alerts is in the table before it goes. */
const GATHER_MS = 1_000

/**
 * Tells every admin of these bots, once per key. Alerts with the same text that come in a flood become one message
 * every five minutes, with their number and the first of them.
 */
export async function oweAdminAlert(
  tx: Sql,
  bots: Iterable<{ name: string }>,
  alert: { key: string; text: string; params?: NoticeParams; buttons?: Notice['buttons'] },
): Promise<void> {
  const names = [...bots].map((bot) => bot.name)
  const fresh = await tx.rows(
    sharedSql
      .insertInto('alerts')
      .values({
        key: alert.key,
        topic: alert.text,
        params: jsonb(travelling(alert.params ?? {})),
        buttons: jsonb(alert.buttons ?? []),
        bots: names,
      })
      .onConflict((there) => there.column('key').doNothing())
      .returning('id'),
  )
  if (fresh.length === 0) return
  const window = Math.floor(Date.now() / WINDOW_MS)
  const job = (slot: number) => ({ topic: alert.text, window: String(slot), bot: names[0] })
  await owe(tx, tellAlerts, job(window), { delayMs: GATHER_MS })
  // If the message of this window has been sent, the next window's message includes the alert.
  await owe(tx, tellAlerts, job(window + 1), { runAt: new Date((window + 1) * WINDOW_MS) })
}
