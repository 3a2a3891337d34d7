import { startTelegram } from './start.ts'

const telegram = await startTelegram({
  port: Number(process.env['TELEGRAM_SIM_PORT'] ?? 0),
  ...(process.env['TELEGRAM_SIM_HOST'] && { host: process.env['TELEGRAM_SIM_HOST'] }),
})
console.log(telegram.url)

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void telegram.close().then(() => process.exit(0)))
