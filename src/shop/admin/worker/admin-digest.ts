import { sql as q } from 'kysely'
import { adminsOf } from '#shared/roles.ts'
import type { Context } from '#shared/context.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'

/**
 * Once a day every owner reads what admins did, in numbers: whoever abuses their rights is seen by
 * somebody else. Nothing is sent about a day on which nobody did anything.
 */
export async function tellOwners(app: Pick<Context, 'db' | 'bots'>): Promise<Verdict> {
  const day = new Date().toISOString().slice(0, 10)
  for (const bot of app.bots.values()) {
    const rows = await app.db.rows(q<{ actor: bigint; action: string; count: bigint }>`
      select actor_id as actor, action, count(*)
      from audit_log where bot = ${bot.name} and at > now() - interval '1 day' and actor_id is not null
      group by actor_id, action order by actor_id, count(*) desc limit 40`)
    if (rows.length === 0) continue
    const credits = await app.db.rows(q<{ actor: bigint; asset: string; up: string; down: string }>`
      select created_by as actor, asset, coalesce(sum(amount) filter (where amount > 0), 0)::text as up,
             coalesce(sum(amount) filter (where amount < 0), 0)::text as down
      from adjustments where bot = ${bot.name} and state = 'done' and updated_at > now() - interval '1 day'
      group by created_by, asset order by created_by, asset`)
    const lines = [
      ...rows.map(({ actor, action, count }) => `<code>${actor}</code> · ${action} · ${count}`),
      ...credits.map(({ actor, asset, up, down }) => `<code>${actor}</code> · ${asset}: +${up} / ${down}`),
    ]
    for (const owner of await adminsOf(app.db, bot, 'owner')) {
      await owePersonNotice(app.db, {
        key: `digest-${bot.name}-${day}-${owner}`,
        bot: bot.name,
        personId: owner,
        text: 'alert-digest',
        params: { lines: lines.join('\n') },
        silent: true,
      })
    }
  }
  return done
}
