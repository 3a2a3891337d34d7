import { numberFormat } from '#shared/i18n/intl.ts'
import { botTexts, readerIn } from '#shared/reader.ts'
import type { Reader } from '#shared/reader.ts'
import { InputFile } from 'grammy'
import type { Context } from '#shared/context.ts'
import { withClient } from '#shared/db/db.ts'
import { databaseIsDown } from '#shared/db/errors.ts'
import { Transient, UnknownOutcome } from '#shared/errors.ts'
import { GAVE_UP, beginPart, moveExport, partRefused, partSent, readExport } from '../exports.ts'
import type { Export } from '../exports.ts'
import { delimiterOf, exportQuery } from '../queries.ts'
import { servedBots } from '#shared/owners.ts'
import type { Run } from '#shared/queue/executor.ts'
import { done, reject } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { Unreachable, telegramError } from '#shared/telegram/errors.ts'
import { inOwnFolder } from './folders.ts'
import { partName } from './split.ts'
import type { Part } from './split.ts'
import { LARGEST_BYTES, writeCsv } from './write.ts'

type App = Pick<Context, 'db' | 'config' | 'bots' | 'texts' | 'settings' | 'log'>

const PROGRESS_MS = 3_000

/**
 * Writes the file, or the parts that Telegram takes, and sends them. An interrupted export goes on behind the last
 * part that was sent. The part that was being sent then comes again and says so: Telegram does not tell what it has
 * delivered, and a file too many does less harm than a missing one. It replaces the part that may have come, because
 * the cut may fall on another row this time.
 */
export async function makeExport(
  app: App,
  exportId: string,
  run: Pick<Run, 'signal' | 'lastTry'>,
  largestBytes = LARGEST_BYTES,
): Promise<Verdict> {
  const wish = await readExport(app.db, exportId)
  if (!wish || wish.state === 'done' || wish.state === 'failed') return done
  const bot = app.bots.get(wish.bot)
  if (!bot) return reject(`no bot is called ${wish.bot}`)
  // The role is checked here again: it may have been taken away since, or somebody may have put the job on the queue
  // by hand.
  const served = await servedBots(app.db, app, wish.adminId, 'admin')
  if (served !== undefined && !served.includes(wish.bot)) return await noAdminAnyMore(app, wish)
  if (!(await moveExport(app.db, exportId, { state: 'running' }))) return done
  if (wish.parts !== null && wish.sentParts >= wish.parts) return await finish(app, bot, wish)
  try {
    return await inOwnFolder((folder) => writeAndSend(app, bot, wish, { served, folder, run, largestBytes }))
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Unreachable) {
      await moveExport(app.db, exportId, { state: 'failed', reason: meaning.code })
      return done
    }
    // Telegram says how long to wait, so the job waits and loses no try.
    if (meaning instanceof Transient) throw meaning
    if (run.lastTry && !databaseIsDown(error)) await giveUp(app, bot, wish)
    throw error
  }
}

async function writeAndSend(
  app: App,
  bot: ServedBot,
  wish: Export,
  {
    served,
    folder,
    run,
    largestBytes,
  }: {
    served: readonly string[] | undefined
    folder: string
    run: Pick<Run, 'signal'>
    largestBytes: number
  },
): Promise<Verdict> {
  const show = progressOf(app, bot, wish)
  const { files } = await writeCsv(
    // A replica may not have the row yet behind which the export goes on.
    wish.sentTo === null ? app.db.reads : { on: (work) => withClient(app.db.pool, work) },
    exportQuery(wish.kind, wish.params, wish.sentTo ?? undefined, wish.language, served),
    {
      folder,
      name: `${wish.kind}.csv`,
      delimiter: delimiterOf(wish.language),
      signal: run.signal,
      progress: (count) => show.rows(Number(wish.sentRows) + count),
      largestBytes,
      sent: wish.sentParts,
    },
  )
  await show.settled()
  const parts = wish.sentParts + files.length
  let now = wish
  for (const file of files) {
    // Many parts take minutes. Their rows were read for the bots that the admin served at the beginning, so the
    // roles are checked again.
    const still = await servedBots(app.db, app, wish.adminId, 'admin')
    const lost = served?.some((one) => still?.includes(one) === false) ?? still !== undefined
    if (lost) return await noAdminAnyMore(app, wish)
    now = await sendPart(app, bot, now, file, parts)
  }
  return await finish(app, bot, now)
}

async function noAdminAnyMore({ db }: App, { id, adminId, bot }: Export): Promise<Verdict> {
  await moveExport(db, id, { state: 'failed', reason: 'not an admin any more' })
  return reject(`${adminId} is no admin of ${bot} any more`)
}

/**
 * @returns the export as it is afterwards
 * @throws Transient when another worker is sending it
 */
async function sendPart(app: App, bot: ServedBot, wish: Export, file: Part, parts: number): Promise<Export> {
  const busy = () => new Transient(`another worker sends the export ${wish.id}`)
  const { t: words } = await readerFor(app, wish)
  const rows = numberFormat(wish.language).format(file.rows)
  const part = wish.sentParts + 1
  const caption = words(parts === 1 ? 'export-done' : 'export-part', { rows, part, parts })
  if (!(await beginPart(app.db, wish, parts))) throw busy()
  try {
    await bot.uploads.sendDocument(Number(wish.adminId), new InputFile(file.path, file.name), {
      caption: wish.sending === part ? `${caption}\n${words('export-again')}` : caption,
    })
  } catch (error) {
    if (!(telegramError(error) instanceof UnknownOutcome)) await partRefused(app.db, wish)
    throw error
  }
  const sent = await partSent(app.db, wish, file)
  if (!sent) throw busy()
  return sent
}

/** The job becomes a dead letter, which can be replayed. The admin is told now and need not wait for that. */
async function giveUp(app: App, bot: ServedBot, wish: Export): Promise<void> {
  await moveExport(app.db, wish.id, { state: 'running', reason: GAVE_UP })
  await edit(bot, wish, (await readerFor(app, wish)).t('export-given-up'))
}

async function finish(app: App, bot: ServedBot, wish: Export): Promise<Verdict> {
  const { kind, sentRows, sentBytes, sentParts } = wish
  await moveExport(app.db, wish.id, { state: 'done', rows: sentRows, bytes: sentBytes })
  const csv = `${kind}.csv`
  const names =
    wish.sentTo === null
      ? [csv]
      : Array.from({ length: sentParts }, (_, at) => partName(csv, at + 1, sentParts))
  const rows = numberFormat(wish.language).format(sentRows)
  await edit(bot, wish, (await readerFor(app, wish)).t('export-sent', { name: names.join(', '), rows }))
  return done
}

/** Shows the admin how many lines are written, at most every 3 s and one edit at a time. */
function progressOf(app: App, bot: ServedBot, wish: Export) {
  let last = performance.now()
  let editing: Promise<void> = Promise.resolve()
  return {
    rows(rows: number) {
      if (performance.now() - last < PROGRESS_MS) return
      last = performance.now()
      const count = numberFormat(wish.language).format(rows)
      editing = editing.then(async () => {
        await moveExport(app.db, wish.id, { state: 'running', rows }).catch(() => {})
        await edit(bot, wish, (await readerFor(app, wish)).t('export-progress', { rows: count }))
      })
    },
    settled: () => editing,
  }
}

/** The edit is only decoration: an admin who deleted the message still gets the file. */
async function edit(bot: ServedBot, wish: Export, text: string): Promise<void> {
  if (!wish.card) return
  await bot.notices
    .editMessageText(wish.card.chatId, wish.card.messageId, text, { parse_mode: 'HTML' })
    .catch(() => {})
}

/** Reads in the language in which the admin asked for the export. */
const readerFor = async (app: App, wish: Export): Promise<Reader> =>
  readerIn(await botTexts(app, wish.bot), wish.language)
