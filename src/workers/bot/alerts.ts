import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Context } from '#shared/context.ts'
import { anyOf, NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { lockWord } from '#shared/db/lock.ts'
import { owePersonNotice } from '#shared/notices.ts'
import type { Notice } from '#shared/queue/jobs/notices.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { adminsOf } from '#shared/roles.ts'
import { topicOfAlert } from '#shared/alert-topics.ts'
import { sharedSql } from '#shared/tables.ts'
import { alertsGroup, type AlertsGroup } from '#shared/settings/alerts-group.ts'

/** How many alerts a grouped message lists; its count tells the whole number. */
const SHOWN = 5
const BATCH = 10_000

interface Alert {
  id: bigint
  topic: string
  params: Notice['params']
  /** Rows of buttons, shown only if the message is about this alert alone. */
  buttons: NonNullable<Notice['buttons']>
  bots: string[]
}

/**
 * Owes the messages for all untold alerts of a topic: one message per admin, or one in the topic of the bot's group, for
 * any number of alerts. Alerts about bots of another deployment are left to that deployment. What came before them to the
 * same topic of a group is told first, even if it waits for its next window: "it is over" makes no sense before "it happened".
 */
export async function tellTopic(
  { db, bots, settings }: Pick<Context, 'db' | 'settings'> & { bots: ReadonlyMap<string, ServedBot> },
  topic: string,
): Promise<void> {
  const setting = await settings.snapshot()
  const ours = q<boolean>`bots && ${[...bots.keys()]}::text[]`
  await db.tx(async (tx) => {
    // Two jobs at once would owe their messages in any order.
    await lockWord(tx, `alerts ${topicOfAlert(topic)}`)
    const alerts = await tellUpTo(tx, topic, ours)
    const told = new Map<bigint, Set<bigint>>()
    for (const name of new Set(alerts.flatMap((alert) => alert.bots))) {
      const bot = bots.get(name)
      if (!bot) continue
      const theirs = alerts.filter((alert) => alert.bots.includes(name))
      const group = setting(alertsGroup, name)
      if (group) {
        await tell(tx, name, BigInt(group.by), theirs, group)
        continue
      }
      for (const personId of await adminsOf(tx, bot, 'admin')) {
        // An admin of several bots hears of an alert once, from the first of its bots.
        const known = told.get(personId) ?? new Set()
        const fresh = theirs.filter(({ id }) => !known.has(id))
        told.set(personId, new Set([...known, ...fresh.map(({ id }) => id)]))
        await tell(tx, name, personId, fresh)
      }
    }
  })
}

/** Takes the untold alerts of this topic, and earlier ones that a group has in the same place. @returns them, oldest first */
async function tellUpTo(tx: Sql, topic: string, ours: RawBuilder<boolean>): Promise<Alert[]> {
  const untold = sharedSql.selectFrom('alerts').where('told_at', 'is', null).where(ours)
  const [last] = await tx.rows(untold.select(({ fn }) => fn.max('id').as('id')).where('topic', '=', topic))
  if (!last?.id) return []
  const upTo = untold.where('id', '<=', last.id)
  const topics = await tx.rows(upTo.select('topic').distinct())
  const place = topicOfAlert(topic)
  const beside = topics.map((one) => one.topic).filter((one) => topicOfAlert(one) === place)
  const these = upTo
    .select('id')
    .where('topic', '=', anyOf(beside))
    .orderBy('id')
    .limit(BATCH)
    .forUpdate()
    .skipLocked()
  const alerts = await tx.rows(
    sharedSql
      .updateTable('alerts')
      .set({ told_at: NOW })
      .where('id', '=', q<bigint>`any(array(${these}))`)
      .returning(['id', 'topic', 'params', 'buttons', 'bots'])
      .$narrowType<Pick<Alert, 'params' | 'buttons'>>(),
  )
  return alerts.toSorted((a, b) => Number(a.id - b.id))
}

/** One message for the alerts of each topic, in the order of their first ones. */
async function tell(
  tx: Sql,
  bot: string,
  personId: bigint,
  alerts: Alert[],
  group?: AlertsGroup,
): Promise<void> {
  for (const [topic, some] of Map.groupBy(alerts, (alert) => alert.topic))
    await tellSome(tx, bot, personId, topic, some, group)
}

async function tellSome(
  tx: Sql,
  bot: string,
  personId: bigint,
  topic: string,
  alerts: Alert[],
  group?: AlertsGroup,
): Promise<void> {
  const [first] = alerts
  if (!first) return
  const key = `alert-${first.id}-${group ? bot : personId}`
  const place = group && { team: { topic: topicOfAlert(topic), minimum: 'admin' as const } }
  if (alerts.length === 1) {
    const buttons = first.buttons.length > 0 ? first.buttons : undefined
    const rawParams = first.params
    return await owePersonNotice(tx, { key, bot, personId, text: topic, rawParams, buttons, ...place })
  }
  await owePersonNotice(tx, {
    key,
    bot,
    personId,
    text: 'alert-group',
    params: { count: alerts.length },
    list: alerts.slice(0, SHOWN).map(({ params }) => ({ text: topic, params })),
    // The message refers to its first alert: from it the page finds all alerts that were told together.
    buttons: [[['alert-list-open', 'a-alerts', String(first.id)]]],
    ...place,
  })
}
