import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
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
  params: Notice['params']
  /** Rows of buttons, shown only if the message is about this alert alone. */
  buttons: NonNullable<Notice['buttons']>
  bots: string[]
}

/**
 * Owes the messages for all untold alerts of a topic: one message per admin, or one in the topic of the bot's group, for
 * any number of alerts. Alerts about bots of another deployment are left to that deployment.
 */
export async function tellTopic(
  { db, bots, settings }: Pick<Context, 'db' | 'settings'> & { bots: ReadonlyMap<string, ServedBot> },
  topic: string,
): Promise<void> {
  const setting = await settings.snapshot()
  await db.tx(async (tx) => {
    const untold = sharedSql
      .selectFrom('alerts')
      .select('id')
      .where('topic', '=', topic)
      .where('told_at', 'is', null)
      .where(q<boolean>`bots && ${[...bots.keys()]}::text[]`)
      .orderBy('id')
      .limit(BATCH)
      .forUpdate()
      .skipLocked()
    const alerts = await tx.rows(
      sharedSql
        .updateTable('alerts')
        .set({ told_at: NOW })
        .where('id', '=', q<bigint>`any(array(${untold}))`)
        .returning(['id', 'params', 'buttons', 'bots'])
        .$narrowType<Pick<Alert, 'params' | 'buttons'>>(),
    )
    const inOrder = alerts.toSorted((a, b) => Number(a.id - b.id))
    const told = new Map<bigint, Set<bigint>>()
    for (const name of new Set(inOrder.flatMap((alert) => alert.bots))) {
      const bot = bots.get(name)
      if (!bot) continue
      const theirs = inOrder.filter((alert) => alert.bots.includes(name))
      const group = setting(alertsGroup, name)
      if (group) {
        await tell(tx, name, BigInt(group.by), topic, theirs, group)
        continue
      }
      for (const personId of await adminsOf(tx, bot, 'admin')) {
        // An admin of several bots hears of an alert once, from the first of its bots.
        const known = told.get(personId) ?? new Set()
        const fresh = theirs.filter(({ id }) => !known.has(id))
        told.set(personId, new Set([...known, ...fresh.map(({ id }) => id)]))
        await tell(tx, name, personId, topic, fresh)
      }
    }
  })
}

async function tell(
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
