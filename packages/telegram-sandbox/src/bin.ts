#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { startTelegram } from './start.ts'

const HELP = `telegram-sandbox [--port 8081] [--host 127.0.0.1] [--chat] [--no-limits]

Serves Telegram's Bot API for any token, and /control, where you act as a person.
  --port       0, the default, is any free port
  --host       0.0.0.0 lets other machines in: whoever reaches it may do everything
  --chat       also a page at /sandbox, where you chat with the bot in your browser
  --no-limits  no 429 for sending too fast`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    chat: { type: 'boolean', default: false },
    'no-limits': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}
const port = Number(values.port)
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port must be a number from 0 to 65535, not "${values.port}"`)
  process.exit(1)
}

const telegram = await startTelegram({
  port,
  host: values.host,
  ...(values.chat && { chat: {} }),
  settings: {
    anyToken: true,
    ...(values['no-limits'] && { globalPerSecond: 0, chatPerSecond: 0, groupPerMinute: 0 }),
  },
}).catch((error: NodeJS.ErrnoException) => {
  console.error(
    error.code === 'EADDRINUSE'
      ? `port ${port} is taken: choose another --port, or 0 for any free one`
      : error.message,
  )
  process.exit(1)
})
// The first line is only the address, so that a program which starts this process can read it.
console.log(telegram.url)
if (values.chat) console.log(`Chat with your bot: ${telegram.url}/sandbox`)

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void telegram.close().then(() => process.exit(0)))
