import type { Context } from '#shared/context.ts'
import { done, reject } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { sharedSql } from '#shared/tables.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'

/** Finds the bot of a job, even if an owner added it in another process a moment ago. */
export async function findBot(app: Context, name: string): Promise<ServedBot | undefined> {
  if (!app.bots.has(name)) await app.refreshBots()
  return app.bots.get(name)
}

/**
 * The end of a job whose bot nobody serves here: for a removed bot there is nothing to do, for any other it is a
 * mistake.
 */
export async function withoutBot(app: Context, name: string): Promise<Verdict> {
  if ((await botState(app, name)) !== 'removed') return reject(`no bot is called ${name}`)
  app.log.info({ bot: name }, 'a job of a removed bot is dropped')
  return done
}

/** The bot's state, read from the database now. */
export async function botState({ db }: Pick<Context, 'db'>, name: string): Promise<string | undefined> {
  const [row] = await db.rows(sharedSql.selectFrom('bots').select('state').where('name', '=', name))
  return row?.state
}
