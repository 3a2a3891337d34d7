// Takes the pictures of docs/screenshots (npm exec -- node tests/chaos/screenshots.ts): a person pays while the billing
// worker is dead, and the worker comes back.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import sharp from 'sharp'
import { startSandbox } from '../../sandbox/main.ts'
import { migrate } from '#shared/db/migrate.ts'
import { startPostgres } from '../../bin/infra/postgres.ts'
import { startRedis } from '../../bin/infra/redis.ts'
import { reservePort } from '../lib/port.ts'
import { chromiumPath } from '../lib/requirements.ts'
import { startProcess } from './processes.ts'

const folder = join(import.meta.dirname, '../../docs/screenshots')
const dataDir = await mkdtemp(join(tmpdir(), 'telekassa-pictures-'))
const log = { info: () => {}, warn: () => {} }
const postgres = await startPostgres({ dataDir, log })
const redis = await startRedis({ dataDir, log })
await migrate(postgres.url)
const port = await reservePort()
const shop = `http://127.0.0.1:${port}`
const sandbox = await startSandbox({ shopUrl: shop })
const env: Record<string, string> = {
  ...sandbox.env,
  DATABASE_URL: postgres.url,
  REDIS_URL: redis.url,
  DATA_DIR: dataDir,
  ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  BOT_MODE: 'polling',
}
const start = (name: string) =>
  startProcess(
    name === 'gateway'
      ? { name, file: 'bin/gateway.ts', args: [], env: { ...env, PORT: String(port) }, ready: /is ready/ }
      : { name, file: 'bin/worker.ts', args: [name], env: { ...env, PORT: '0' }, ready: /are ready/ },
    dataDir,
  )
const running = []
for (const name of ['gateway', 'bot', 'fragment', 'images', 'broadcasts', 'exports'])
  running.push(await start(name))
const billing = await start('billing')

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
]
const browser = await chromium.launch({ executablePath: chromiumPath()!, args: flags })
const context = await browser.newContext({
  viewport: { width: 1200, height: 760 },
  locale: 'en-GB',
  reducedMotion: 'reduce',
})
const chat = await context.newPage()
const queues = await context.newPage()
const key = (name: RegExp) => chat.locator('.key', { hasText: name }).last()
/** A palette makes the files a third of the size. */
const keep = (name: string, picture: Buffer) =>
  sharp(picture)
    .png({ palette: true })
    .toFile(join(folder, `${name}.png`))
const shoot = async (when: string) => {
  await queues.goto(`${shop}/ops/queues/queue/billing?status=${when === 'dead' ? 'waiting' : 'completed'}`)
  await queues.getByText('stars.paid').first().waitFor()
  await keep(`queues-${when}`, await queues.screenshot())
  await chat.bringToFront()
  await keep(`sandbox-${when}`, await chat.screenshot())
}

await mkdir(folder, { recursive: true })
await chat.goto(`${shop}/sandbox`)
await chat.locator('.people-list:visible').getByRole('button', { name: 'New customer' }).click()
await chat.getByRole('button', { name: 'Start', exact: true }).click()
await chat.getByRole('textbox', { name: 'Message' }).fill('/buy')
await chat.keyboard.press('Enter')
await key(/^10\stokens/).click({ timeout: 60_000 })
await key(/^Pay\s50/).waitFor()
await billing.kill('SIGKILL')
await key(/^Pay\s50/).click()
await chat.getByRole('dialog').getByRole('button', { name: 'Pay 50 Stars' }).click()
await chat.getByText('You paid 50 Stars').waitFor()
await chat.getByRole('dialog').waitFor({ state: 'detached' })
await chat.waitForTimeout(3_000)
await shoot('dead')

running.push(await start('billing'))
await chat
  .locator('.bubble', { hasText: /Credited|credited/ })
  .last()
  .waitFor({ timeout: 60_000 })
await chat.waitForTimeout(1_500)
await shoot('back')

await browser.close()
await Promise.all(running.map((one) => one.kill('SIGKILL')))
await sandbox.close()
await redis.stop()
await postgres.stop()
await rm(dataDir, { recursive: true, force: true })
process.exit(0)
