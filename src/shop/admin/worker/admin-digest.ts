import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { ago } from '#shared/db/build.ts'
import { adminSql } from '../tables.ts'
import type { Context } from '#shared/context.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import type { Texts } from '#shared/i18n/texts.ts'
import { owePersonNotice } from '#shared/notices.ts'
import type { Words } from '#shared/notices.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { botTexts } from '#shared/reader.ts'
import { adminsOf } from '#shared/roles.ts'

/**
 * Tells every owner once a day, in numbers, what admins did, so that abuse is seen by somebody else. A day without
 * acts has no message.
 */
export async function tellOwners(app: Pick<Context, 'db' | 'bots' | 'texts' | 'settings'>): Promise<Verdict> {
  const day = new Date().toISOString().slice(0, 10)
  for (const bot of app.bots.values()) {
    const acts = await app.db.rows(
      adminSql
        .selectFrom('audit_log as a')
        .leftJoin('persons as p', 'p.id', 'a.actor_id')
        .select(['a.actor_id as actor', NAME.as('name'), 'a.action', q<number>`count(*)::int`.as('count')])
        .where('a.bot', '=', bot.name)
        .where('a.at', '>', ago(1, 'day'))
        .where('a.actor_id', 'is not', null)
        .groupBy(['a.actor_id', NAME, 'a.action'])
        .orderBy('a.actor_id')
        .orderBy(q`count(*)`, 'desc')
        .limit(40),
    )
    if (acts.length === 0) continue
    const credits = await app.db.rows(
      adminSql
        .selectFrom('adjustments as a')
        .leftJoin('persons as p', 'p.id', 'a.created_by')
        .select([
          'a.created_by as actor',
          NAME.as('name'),
          'a.asset',
          q<bigint>`coalesce(sum(a.amount) filter (where a.amount > 0), 0)::int8`.as('up'),
          q<bigint>`coalesce(-sum(a.amount) filter (where a.amount < 0), 0)::int8`.as('down'),
        ])
        .where('a.bot', '=', bot.name)
        .where('a.state', '=', q.lit('done'))
        .where('a.updated_at', '>', ago(1, 'day'))
        .groupBy(['a.created_by', NAME, 'a.asset'])
        .orderBy('a.created_by')
        .orderBy('a.asset'),
    )
    const texts = await botTexts(app, bot.name)
    const list = [
      ...acts.map(({ actor, name, action, count }) => ({
        text: 'digest-acts',
        params: { who: name ?? '—', id: String(actor), action: actionWords(texts, action), count },
      })),
      ...credits.map(({ actor, name, asset, up, down }) => ({
        text: 'digest-credits',
        params: {
          who: name ?? '—',
          id: String(actor),
          up: { amount: String(up), asset },
          down: { amount: String(down), asset },
        },
      })),
    ]
    for (const owner of await adminsOf(app.db, bot, 'owner')) {
      await owePersonNotice(app.db, {
        key: `digest-${bot.name}-${day}-${owner}`,
        bot: bot.name,
        personId: owner,
        text: 'alert-digest',
        list,
        silent: true,
      })
    }
  }
  return done
}

const NAME: RawBuilder<string | null> = q`nullif(p.first_name, '')`

/** An act that has no words yet goes by its stored name. */
export function actionWords(texts: Texts, action: string): Words {
  const key = `audit-${action.replaceAll('.', '-')}`
  return Object.fromEntries(
    LANGUAGES.map((language) => [language, texts.has(language, key) ? texts.t(language, key) : action]),
  ) as Words
}
