// A process that makes one export with small parts, as the exports worker does: for tests that kill it.
import { readConfig } from '../../src/shared/config/config.ts'
import { openDb } from '../../src/shared/db/db.ts'
import { loadTexts } from '../../src/shared/i18n/texts.ts'
import { createLog } from '../../src/shared/log.ts'
import { createMetrics } from '../../src/shared/metrics.ts'
import { openBackend } from '../../src/shared/queue/backend.ts'
import { serveBot } from '../../src/shared/telegram/bots.ts'
import { makeExport } from '../../src/workers/exports/run.ts'

const [exportId = '', largestBytes = ''] = process.argv.slice(2)
const config = readConfig(process.env as Record<string, string>)
const db = await openDb(process.env.DATABASE_URL!, { max: 4, name: 'export-process' })
const backend = await openBackend({ kind: 'redis', url: process.env.REDIS_URL! }, config.queuePrefix)
const context = { ...config.telegram, backend, metrics: createMetrics() }
const bots = new Map(config.bots.map((bot) => [bot.name, serveBot(bot, context)]))
const app = { db, bots, texts: loadTexts(), log: createLog({ level: 'warn', name: 'export-process' }) }
await makeExport(
  app,
  exportId,
  { signal: new AbortController().signal, lastTry: false },
  Number(largestBytes),
)
console.log('the export is made')
await backend.close()
await db.close()
