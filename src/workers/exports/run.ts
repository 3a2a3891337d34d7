import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InputFile } from 'grammy'
import type { Context } from '../../shared/context.ts'
import { moveExport, readExport } from '../../shared/exports/exports.ts'
import type { Export } from '../../shared/exports/exports.ts'
import { delimiterOf, exportQuery } from '../../shared/exports/queries.ts'
import type { Run } from '../../shared/queue/executor.ts'
import { done, reject } from '../../shared/queue/job.ts'
import type { Verdict } from '../../shared/queue/job.ts'
import type { ServedBot } from '../../shared/telegram/bots.ts'
import { Unreachable, telegramError } from '../../shared/telegram/errors.ts'
import { LARGEST_BYTES, writeCsv } from './write.ts'

type App = Pick<Context, 'db' | 'bots' | 'texts' | 'log'>

const PROGRESS_MS = 3_000

/**
 * Writes the file, or the parts that Telegram takes, and sends them. Interrupted, it is written anew: an admin may get
 * the same file twice, never none.
 */
export async function makeExport(
  app: App,
  exportId: string,
  run: Pick<Run, 'signal'>,
  largestBytes = LARGEST_BYTES,
): Promise<Verdict> {
  const wish = await readExport(app.db, exportId)
  if (!wish || wish.state === 'done' || wish.state === 'failed') return done
  const bot = app.bots.get(wish.bot)
  if (!bot) return reject(`no bot is called ${wish.bot}`)
  await moveExport(app.db, exportId, { state: 'running' })
  const folder = await mkdtemp(join(tmpdir(), 'telekassa-export-'))
  try {
    const show = progressOf(app, bot, wish)
    const { files, rows } = await writeCsv(app.db.pool, exportQuery(wish.kind, wish.params), {
      folder,
      name: `${wish.kind}.csv`,
      delimiter: delimiterOf(wish.language),
      signal: run.signal,
      progress: (count) => show.rows(count),
      largestBytes,
    })
    await show.settled()
    const number = new Intl.NumberFormat(wish.language)
    const words = (key: string, params: Record<string, string | number>) =>
      app.texts.t(wish.language, key, params)
    for (const [at, file] of files.entries()) {
      const part = { rows: number.format(file.rows), part: at + 1, parts: files.length }
      await bot.uploads.sendDocument(Number(wish.adminId), new InputFile(file.path, file.name), {
        caption: words(files.length === 1 ? 'export-done' : 'export-part', part),
      })
    }
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    await moveExport(app.db, exportId, { state: 'done', rows, bytes })
    const name = files.map((file) => file.name).join(', ')
    await edit(bot, wish, words('export-sent', { name, rows: number.format(rows) }))
    return done
  } catch (error) {
    const meaning = telegramError(error)
    if (!(meaning instanceof Unreachable)) throw error
    await moveExport(app.db, exportId, { state: 'failed', reason: meaning.code })
    return done
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Shows how many lines are written, at most every 3 s and one edit at a time. */
function progressOf(app: App, bot: ServedBot, wish: Export) {
  let last = performance.now()
  let editing: Promise<void> = Promise.resolve()
  return {
    rows(rows: number) {
      if (performance.now() - last < PROGRESS_MS) return
      last = performance.now()
      const count = new Intl.NumberFormat(wish.language).format(rows)
      editing = editing.then(async () => {
        await moveExport(app.db, wish.id, { state: 'running', rows }).catch(() => {})
        await edit(bot, wish, app.texts.t(wish.language, 'export-progress', { rows: count }))
      })
    },
    settled: () => editing,
  }
}

/** Decoration: an admin who deleted the message still gets the file. */
async function edit(bot: ServedBot, wish: Export, text: string): Promise<void> {
  if (!wish.card) return
  await bot.notices
    .editMessageText(wish.card.chatId, wish.card.messageId, text, { parse_mode: 'HTML' })
    .catch(() => {})
}
