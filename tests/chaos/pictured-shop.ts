import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import sharp from 'sharp'
import { startSandbox } from '../../sandbox/main.ts'
import type { SandboxOptions } from '../../sandbox/main.ts'
import { migrate } from '#shared/db/migrate.ts'
import { startPostgres } from '../../bin/infra/postgres.ts'
import { startRedis } from '../../bin/infra/redis.ts'
import { reservePort } from '../lib/port.ts'
import { chromiumPath } from '../lib/requirements.ts'
import { startProcess } from './processes.ts'
import type { Running } from './processes.ts'

const FOLDER = join(import.meta.dirname, '../../docs/screenshots')
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking'.split(' ')

/** A shop whose roles are processes, all simulators and a browser: of this the pictures of docs/screenshots are taken. */
export async function openPicturedShop({
  viewport,
  ...more
}: { viewport: { width: number; height: number } } & Omit<SandboxOptions, 'shopUrl'>) {
  const dataDir = await mkdtemp(join(tmpdir(), 'telekassa-pictures-'))
  const log = { info: () => {}, warn: () => {} }
  const postgres = await startPostgres({ dataDir, log })
  const redis = await startRedis({ dataDir, log })
  await migrate(postgres.url)
  const port = await reservePort()
  const url = `http://127.0.0.1:${port}`
  const sandbox = await startSandbox({ shopUrl: url, ...more })
  const env: Record<string, string> = {
    ...sandbox.env,
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    DATA_DIR: dataDir,
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    BOT_MODE: 'polling',
  }
  const running: Running[] = []
  const browser = await chromium.launch({ executablePath: chromiumPath()!, args: FLAGS })
  const context = await browser.newContext({ viewport, locale: 'en-GB', reducedMotion: 'reduce' })
  await mkdir(FOLDER, { recursive: true })
  return {
    url,
    env,
    context,
    /** Starts a role: the gateway, or a worker by its name. */
    async start(name: string): Promise<Running> {
      const started = await startProcess(
        name === 'gateway'
          ? { name, file: 'bin/gateway.ts', args: [], env: { ...env, PORT: String(port) }, ready: /is ready/ }
          : { name, file: 'bin/worker.ts', args: [name], env: { ...env, PORT: '0' }, ready: /are ready/ },
        dataDir,
      )
      running.push(started)
      return started
    },
    /** Keeps a picture in docs/screenshots. A palette makes the files a third of the size. */
    keep: (name: string, picture: Buffer) =>
      sharp(picture)
        .png({ palette: true })
        .toFile(join(FOLDER, `${name}.png`)),
    async close(): Promise<void> {
      await browser.close()
      await Promise.all(running.map((one) => one.kill('SIGKILL')))
      await sandbox.close()
      await redis.stop()
      await postgres.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
