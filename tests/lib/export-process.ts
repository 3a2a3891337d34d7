// A process that makes one export with small parts, as the exports worker does: for tests that kill it.
import { readConfig } from '#shop/config.ts'
import { openDb } from '#shared/db/db.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { serveBot } from '#shared/telegram/bots.ts'
import { makeExport } from '#shop/exports/worker/run.ts'

const [exportId = '', largestBytes = ''] = process.argv.slice(2)
const config = readConfig(process.env as Record<string, string>)
const db = await openDb(process.env.DATABASE_URL!, { max: 4, name: 'export-process' })
const backend = await openBackend({ kind: 'redis', url: process.env.REDIS_URL! }, config.queuePrefix)
const context = { ...config.telegram, backend, metrics: createMetrics() }
const bots = new Map(config.bots.map((bot) => [bot.name, serveBot(bot, context)]))
const settings = createSettings(db, config)
const app = {
  db,
  config,
  bots,
  settings,
  texts: loadTexts(),
  log: createLog({ level: 'warn', name: 'export-process' }),
}
await makeExport(
  app,
  exportId,
  { signal: new AbortController().signal, lastTry: false },
  Number(largestBytes),
)
console.log('the export is made')
await backend.close()
await db.close()
