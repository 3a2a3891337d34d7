import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { closeBot } from '../jobs.ts'
import { TokenRevoked, telegramError } from '#shared/telegram/errors.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { tokenSecret } from '#shared/telegram/roster.ts'
import { readOn } from '#shop/payments/reconcile-stars.ts'

const WAIT_MS = 15_000

/**
 * Closes a removed bot: reads its list of Stars once more, so that a payment whose update was lost is credited;
 * waits until everything that the bot owes is sent; then deletes its token, so that nothing can use it any more.
 */
export async function closeRemovedBot(
  app: Pick<Context, 'db' | 'bots' | 'log' | 'refreshBots'>,
  job: { bot: string; at: string },
): Promise<Verdict> {
  await app.refreshBots()
  const bot = app.bots.get(job.bot)
  // The bot was added again meanwhile, or it is closed already.
  if (!bot?.closing) return done
  if (!bot.parked) await lastLook(app, bot)
  // By hand: the bot and its token end in one statement, and only when nothing is owed through it.
  const forgotten = await app.db.rows(q`
    with closed as (
      update bots set token_end = null, updated_at = now()
      where name = ${bot.name} and state = 'removed'
        and not exists (select from outbox where bot = ${bot.name} and state in ('owed', 'queued')
                        and key <> ${closeBot.id(job)})
      returning name
    )
    delete from secrets using closed where secrets.name = ${tokenSecret(bot.name)} returning secrets.name`)
  if (forgotten.length === 0) return later(WAIT_MS, 'something is still owed through the removed bot')
  app.log.warn({ bot: bot.name }, 'the bot is removed, its token is forgotten')
  return done
}

async function lastLook(app: Pick<Context, 'db'>, bot: ServedBot): Promise<void> {
  try {
    await readOn(app.db, bot)
    await bot.api.deleteWebhook()
  } catch (error) {
    const meaning = telegramError(error)
    if (!(meaning instanceof TokenRevoked)) throw meaning
  }
}
