import { sql as q } from 'kysely'
import { botTexts, readerIn } from '#shared/reader.ts'
import type { Reader } from '#shared/reader.ts'
import type { Context as GrammyContext } from 'grammy'
import type { Context } from '#shared/context.ts'
import { explain } from '#shared/errors.ts'
import { LANGUAGES, languageOf } from '#shared/i18n/languages.ts'
import { createLimit } from '#shared/limits.ts'
import type { Limit } from '#shared/limits.ts'
import type { Asset } from '#shared/money.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import type { TelegramUpdate } from '#shared/queue/jobs/telegram.ts'
import type { Run } from '#shared/queue/executor.ts'
import { unpack } from '#shared/telegram/buttons.ts'
import { isStaleCallback } from '#shared/telegram/errors.ts'
import type { LastKnown } from './last-known.ts'
import type { OnCall } from './on-call.ts'
import { putAside } from './put-aside.ts'
import { shorten } from '#shared/storable.ts'

/** How often messages that wait for the database are looked at again. */
const WAIT_MS = 5_000
/** Telegram's limit for the answer to a press, in characters. */
const ANSWER_LENGTH = 200
/** An outage may end while nobody writes to a bot, so the database is asked this often. */
const WATCH_MS = 5_000
/** How often admins are told of an outage while it lasts. */
const ALERT_SECONDS = 600

export interface Outage {
  /** Answers with what is known without the database, and puts aside what must not be lost. */
  answer(job: TelegramUpdate, ctx: GrammyContext, run: Run): Promise<Verdict>
  /** The database answered. If it had been away, the admins are told that it is back. */
  over(): void
}

/**
 * The bot without its database. Commands are answered with the last known balance and its time. A press that confirms
 * an order waits; any other press spends nothing and says so. Everything else that a person sends (a prompt, a name, a
 * receipt) waits in the queue until the database is back; payments wait in their own queue. Nothing is lost or done
 * twice.
 * @param mayWait the routes of presses that wait
 */
export function createOutage(
  app: Context,
  lastKnown: LastKnown,
  onCall: OnCall,
  mayWait: ReadonlySet<string>,
): Outage {
  const told: Limit = createLimit(app.backend, { name: 'outage-told', points: 1, seconds: 30 })
  const alerted: Limit = createLimit(app.backend, { name: 'outage-alert', points: 1, seconds: ALERT_SECONDS })
  let away = false

  async function alert(key: string): Promise<void> {
    for (const bot of app.bots.values()) {
      const texts = await botTexts(app, bot.name)
      for (const [admin, language] of onCall.of(bot)) {
        const words = (language ? [language] : LANGUAGES).map((one) => texts.t(one, key)).join('\n\n')
        await bot.api
          .sendMessage(Number(admin), words, { parse_mode: 'HTML' })
          .catch((error: unknown) =>
            app.log.warn({ bot: bot.name, reason: explain(error) }, 'an admin was not told'),
          )
      }
    }
  }

  const outage: Outage = {
    over() {
      onCall
        .refresh()
        .catch((error: unknown) => app.log.debug({ reason: explain(error) }, 'the admins could not be read'))
      if (!away) return
      away = false
      app.log.warn('the database is back')
      void alerted.take('back').then((waitMs) => (waitMs === 0 ? alert('outage-over-alert') : undefined))
    },
    async answer(job, ctx, run) {
      if (!away)
        app.log.error('the database is away: bots answer with what they know, orders and payments wait')
      if (!away) watch()
      away = true
      if ((await alerted.take('away')) === 0) void alert('outage-alert')
      const from = ctx.from!
      const reader = readerIn(await botTexts(app, job.bot), languageOf(from.language_code))
      const words = await balanceWords(reader, lastKnown, BigInt(from.id))

      if (ctx.callbackQuery) {
        const pressed = unpack(app.secrets, BigInt(from.id), ctx.callbackQuery.data ?? '')
        const waits = pressed !== undefined && mayWait.has(pressed.route)
        if (waits) await putAside(app, job, run, { delayMs: WAIT_MS, why: 'order waits for the database' })
        // This copy was answered when its key was first pressed.
        if (job.waited) return done
        const key = waits ? 'outage-order' : 'outage-press'
        const text = shorten(`${reader.t(key)}\n${words}`, ANSWER_LENGTH)
        await ctx.answerCallbackQuery({ text, show_alert: true }).catch((error: unknown) => {
          if (!isStaleCallback(error)) throw error
        })
        return done
      }
      const command = /^\/\w/.test(ctx.message?.text ?? '')
      const asked = ctx.chat?.type === 'private' && ctx.message !== undefined
      if (!command) await putAside(app, job, run, { delayMs: WAIT_MS, why: 'message waits for the database' })
      // A command is always answered; about waiting messages a person is told once.
      const tell = asked && (command || (!job.waited && (await told.take(String(from.id))) === 0))
      if (tell) {
        const key = command ? 'outage-command' : 'outage-kept'
        await ctx.api.sendMessage(ctx.chat!.id, `${reader.t(key)}\n\n${words}`, {
          parse_mode: 'HTML',
        })
      }
      return done
    },
  }
  /**
   * At night nobody writes, so without this check the owner would learn only in the morning that the database is back.
   */
  function watch(): void {
    setTimeout(() => {
      // By hand: one row. A statement that only reads proves nothing, because a full disk and a standby still read.
      const over = q`insert into cursors (name, value) values ('outage', 'over')
        on conflict (name) do update set updated_at = now()`
      void app.db.rows(over).then(
        () => outage.over(),
        () => away && watch(),
      )
    }, WATCH_MS).unref()
  }
  return outage
}

async function balanceWords(
  { t, money, time }: Reader,
  lastKnown: LastKnown,
  personId: bigint,
): Promise<string> {
  const known = await lastKnown.read(personId)
  if (!known) return t('outage-balance-unknown')
  const sums = Object.entries(known.available).map(([asset, amount]) => money(BigInt(amount), asset as Asset))
  return t('outage-balance', {
    balance: sums.length > 0 ? sums.join(' · ') : money(0n, 'TOK'),
    time: time(new Date(known.at)),
  })
}
