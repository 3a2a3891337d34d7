import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { portProblem } from '../../bin/lib/check-port.ts'
import { repository } from '../lib/compose.ts'
import { tempFolder } from '../lib/infra.ts'
import { reservePort } from '../lib/port.ts'
import { startNode } from '../lib/processes.ts'

// What a person sees who has just typed `npm start`.

async function start(port: number | string, more: Record<string, string> = {}) {
  const folder = await tempFolder()
  const nothing = { BOT_TOKEN: '', BOTS: '', DATABASE_URL: '', REDIS_URL: '', ENCRYPTION_KEY: '', HOST: '' }
  const shop = startNode(join(repository, 'bin/start.ts'), [], {
    cwd: folder,
    env: { ...nothing, DATA_DIR: folder, PORT: String(port), ...more },
  })
  return { folder, shop }
}

/** The memory of a process and of all that it started, in MiB. Memory that several share is counted once. */
function memoryOf(pid: number): number {
  try {
    const own = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    )
    return children.reduce((sum, child) => sum + memoryOf(Number(child)), Number(own) / 1024)
  } catch {
    // A process of PostgreSQL may have ended meanwhile.
    return 0
  }
}

test('npm start begins with what it is, ends with the address, takes some 400 MiB, and stops by Ctrl-C with its page open', async () => {
  const { shop } = await start(await reservePort())
  const address = /open (http:\S+\/sandbox)/.exec(await shop.waitFor(/telekassa is ready: open/))![1]!
  const streams = [new AbortController(), new AbortController()]
  const pages = await Promise.all(
    streams.map(({ signal }) => fetch(`${address}/api/telegram/events`, { signal })),
  )
  const readers = pages.map((page) => page.body!.getReader())
  await Promise.all(readers.map((reader) => reader.read()))
  expect(shop.lines.filter((line) => (JSON.parse(line) as { level: number }).level >= 40)).toEqual([])
  expect(shop.lines[0]).toContain('sandbox: no bot token is set')
  expect(shop.lines.at(-1)).toContain(`open ${address}`)

  // Measured: 349 MiB at rest without the simulators, 407 here right after the start. It was 688 before the
  // partitions shared connections.
  if (existsSync('/proc/self/smaps_rollup')) expect(memoryOf(shop.pid)).toBeLessThan(560)

  await shop.kill('SIGINT')
  expect(await shop.ended, shop.lines.slice(-3).join('\n')).toBe(0)
  expect(shop.lines.at(-1)).toContain('"stopped"')
  await Promise.allSettled(readers.map((reader) => reader.cancel()))
})

test('a HOST that is no address of this machine is named before anything is started, and nothing else is blamed', async () => {
  const { folder, shop } = await start(await reservePort(), { HOST: 'a b' })
  expect(await shop.ended).toBe(1)
  expect(shop.lines).toEqual([
    'telekassa cannot start with these settings:',
    expect.stringMatching(/HOST must be an address of this machine/),
  ])
  expect(existsSync(join(folder, 'sandbox/postgres'))).toBe(false)
  expect(await portProblem('203.0.113.1', 0, 'PORT')).toMatch(/^HOST is "203.0.113.1".*set HOST=127.0.0.1/)
})

test.each(['70000', '-1', 'abc', '80a'])(
  'PORT=%s is told in one sentence, and nothing starts',
  async (port) => {
    const { folder, shop } = await start(port)
    expect(await shop.ended).toBe(1)
    expect(shop.lines).toEqual([
      'telekassa cannot start with these settings:',
      `  - PORT must be a whole number from 0 to 65535, not "${port}"`,
    ])
    expect(existsSync(join(folder, 'sandbox/postgres'))).toBe(false)
  },
)

test('PORT=0 of a sandbox is any free port, which providers call back as well', async () => {
  const { shop } = await start('0')
  const address = /open (http:\S+)\/sandbox/.exec(await shop.waitFor(/telekassa is ready: open/))![1]!
  expect(Number(new URL(address).port)).toBeGreaterThan(0)
  const config: unknown = await (await fetch(`${address}/sandbox/api/product`)).json()
  expect(config).toMatchObject({ ready: { ok: true } })
  await shop.kill('SIGTERM')
  expect(await shop.ended).toBe(0)
})

test('another port is offered that can be taken: not one after the last, and none that only root may take', async () => {
  const last = createServer().listen(65_535, '127.0.0.1')
  try {
    await once(last, 'listening')
    expect(await portProblem('127.0.0.1', 65_535, 'PORT')).toMatch(/PORT=8080\.$/)
  } finally {
    last.close()
  }
})

test('a folder that cannot be made and a database that is away are one sentence each, without a trace of code', async () => {
  const folder = await tempFolder()
  writeFileSync(join(folder, 'file'), '')
  const inFile = await start(await reservePort(), { DATA_DIR: join(folder, 'file') })
  expect(await inFile.shop.ended).toBe(1)
  expect(inFile.shop.lines).toEqual([
    expect.stringMatching(
      /^telekassa cannot start: DATA_DIR \S+\/file cannot be written \(ENOTDIR.*may write to\.$/,
    ),
  ])
  const nobody = `postgres://a:secret@127.0.0.1:${await reservePort()}/x`
  const away = await start(await reservePort(), { DATABASE_URL: nobody })
  expect(await away.shop.ended).toBe(1)
  expect(away.shop.lines.filter((line) => !line.includes('"level":30'))).toEqual([
    expect.stringMatching(
      /^telekassa cannot start: the database cannot be used: nothing listens there .*DATABASE_URL/,
    ),
  ])
})

// Node's own recursive mkdir never comes back from /proc, neither from a folder that is not there nor from one below it.
test.skipIf(process.platform !== 'linux').each(['/proc/nothing', '/proc/nothing/here'])(
  'DATA_DIR %s, where nothing can be kept, ends the start with a sentence: of a sandbox, of a shop, and of a worker that keeps pictures',
  async (folder) => {
    const nobody = `127.0.0.1:${await reservePort()}`
    const BOT_TOKEN = `7000000001:${'A'.repeat(35)}`
    const ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64')
    const servers = { DATABASE_URL: `postgres://a:b@${nobody}/x`, REDIS_URL: `redis://${nobody}` }
    const { shop: sandbox } = await start(await reservePort(), { DATA_DIR: folder })
    const { shop } = await start(await reservePort(), { DATA_DIR: folder, BOT_TOKEN, ENCRYPTION_KEY })
    const { shop: keyless } = await start(await reservePort(), { DATA_DIR: folder, BOT_TOKEN })
    const images = startNode(join(repository, 'bin/worker.ts'), ['images'], {
      cwd: await tempFolder(),
      env: { BOTS: '', HEALTH_PORT: '0', ...servers, DATA_DIR: folder, BOT_TOKEN, ENCRYPTION_KEY },
    })
    for (const process of [sandbox, shop, images]) {
      expect(await process.ended).toBe(1)
      expect(process.lines.filter((line) => line.includes('telekassa cannot start'))).toEqual([
        expect.stringMatching(
          /^telekassa cannot start: DATA_DIR \/proc\S* cannot be written \(ENOENT.*may write to\.$/,
        ),
      ])
      expect(process.lines.join('\n')).not.toContain('    at ')
    }
    expect(await keyless.ended).toBe(1)
    expect(keyless.lines.join('\n')).toMatch(/DATA_DIR \/proc\S* cannot be written, so no ENCRYPTION_KEY/)
  },
)

test('a port that is in use is named before anything is started, with the way out', async () => {
  const port = await reservePort()
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  try {
    const { folder, shop } = await start(port)
    expect(await shop.ended).toBe(1)
    expect(shop.lines).toEqual([
      `telekassa cannot start: port ${port} of 127.0.0.1 cannot be used (something else listens there). Set another one, like PORT=${port + 1}.`,
    ])
    expect(existsSync(join(folder, 'sandbox/postgres'))).toBe(false)
  } finally {
    other.close()
  }
})
