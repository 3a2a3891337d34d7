import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import type { Texts } from '#shared/i18n/texts.ts'
import type { Asset } from '#shared/money.ts'
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
    // By hand, like the credits below: the rows are grouped by a name that is an expression.
    const acts = await app.db.rows(q<{ actor: bigint; name: string | null; action: string; count: number }>`
      select a.actor_id as actor, ${NAME} as name, a.action, count(*)::int as count
      from audit_log a left join persons p on p.id = a.actor_id
      where a.bot = ${bot.name} and a.at > now() - interval '1 day' and a.actor_id is not null
      group by a.actor_id, ${NAME}, a.action order by a.actor_id, count(*) desc limit 40`)
    if (acts.length === 0) continue
    // By hand: sums of a part of the rows.
    const credits = await app.db.rows(
      q<{ actor: bigint; name: string | null; asset: Asset; up: bigint; down: bigint }>`
      select a.created_by as actor, ${NAME} as name, a.asset,
             coalesce(sum(a.amount) filter (where a.amount > 0), 0)::int8 as up,
             coalesce(-sum(a.amount) filter (where a.amount < 0), 0)::int8 as down
      from adjustments a left join persons p on p.id = a.created_by
      where a.bot = ${bot.name} and a.state = 'done' and a.updated_at > now() - interval '1 day'
      group by a.created_by, ${NAME}, a.asset order by a.created_by, a.asset`,
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

const NAME = q`nullif(p.first_name, '')`

/** An act that has no words yet goes by its stored name. */
export function actionWords(texts: Texts, action: string): Words {
  const key = `audit-${action.replaceAll('.', '-')}`
  return Object.fromEntries(
    LANGUAGES.map((language) => [language, texts.has(language, key) ? texts.t(language, key) : action]),
  ) as Words
}
