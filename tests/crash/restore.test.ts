import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { expect, test } from 'vitest'
import type { Finding } from '../../bin/lib/findings.ts'
import { openDb } from '#shared/db/db.ts'
import { newId } from '#shared/ids.ts'
import { release, reserve } from '#shared/money/holds.ts'
import { prove } from '#shared/money/proof.ts'
import { readBalance } from '#shared/money/read.ts'
import { createSecrets } from '#shared/secrets.ts'
import { readSecret, writeSecret } from '#shared/vault.ts'
import { repository } from '../lib/compose.ts'
import { createEmptyDatabase } from '../lib/database.ts'
import { credit, ledgerDatabase, newPerson } from '../lib/ledger.ts'
import { startNode } from '../lib/processes.ts'
import { eventually } from '../lib/eventually.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const at = ledgerDatabase()
const KEY = Buffer.alloc(32, 5).toString('base64')

test.skipIf(!redisAvailable())(
  'F36 a backup restored into an empty database has every balance, proves green, and goes on',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'telekassa-backup-'))
    const target = await createEmptyDatabase()
    const BACKUP_KEY = Buffer.alloc(32, 9).toString('base64')
    const runWith = async (env: Record<string, string>, databaseUrl: string, ...args: string[]) => {
      const one = startNode(`${repository}/bin/backup.ts`, [folder, ...args], {
        env: { DATABASE_URL: databaseUrl, ...env },
      })
      const code = await one.ended
      return { code, text: one.lines.join('\n') }
    }
    const run = (databaseUrl: string, ...args: string[]) => runWith({ BACKUP_KEY }, databaseUrl, ...args)
    const [person, hold] = [await newPerson(at.db), newId()]
    await writeSecret(at.db, createSecrets(KEY), 'word', 'of the reseller')
    await credit(at.db, person, 1_000n, `gift-${hold}`)
    await at.db.tx((tx) => reserve(tx, { reference: hold, personId: person, asset: 'TOK', amount: 300n }))

    expect(await run(at.database.url)).toMatchObject({ code: 0 })
    // F115: no word of the backup can be read, and only its own key opens it.
    const written = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))))
    expect(Buffer.concat(written).includes(hold)).toBe(false)
    for (const env of [{}, { BACKUP_KEY: KEY }] as Record<string, string>[]) {
      const refused = await runWith(env, target.url, '--restore')
      expect(refused.code).not.toBe(0)
      expect(refused.text).toMatch(/telekassa cannot restore: .*BACKUP_KEY/)
    }
    expect(await run(target.url, '--restore')).toMatchObject({ code: 0 })
    const again = await run(target.url, '--restore')
    expect(again.code).not.toBe(0)
    expect(again.text).toContain('restore into an empty one')
    // The doctor is asked before anything starts: the proof of the ledger is green, and the same key opens what
    // was sealed.
    const doctor = startNode(`${repository}/bin/doctor.ts`, ['--json'], {
      env: {
        DATABASE_URL: target.url,
        REDIS_URL: await redisUrl(),
        ENCRYPTION_KEY: KEY,
        BOT_TOKEN: '',
        BOTS: '',
      },
    })
    expect(await doctor.ended).toBe(1)
    const findings = JSON.parse(doctor.lines.join('\n')) as Finding[]
    expect(findings.find((one) => one.check === 'ledger')).toMatchObject({ level: 'ok' })
    expect(findings.filter((one) => one.level === 'fail')).toEqual([])

    const db = await openDb(target.url, { max: 2, name: 'restored' })
    expect(await readSecret(db, createSecrets(KEY), 'word')).toBe('of the reseller')
    expect(await readBalance(db, person, 'TOK')).toMatchObject({ available: 700n, held: 300n })
    expect((await prove(db)).ok).toBe(true)
    // The providers tell again of what was done after the backup, and it counts once.
    await credit(db, person, 1_000n, `gift-${hold}`)
    await credit(db, person, 5n, `later-${hold}`)
    await db.tx((tx) => release(tx, hold, 'cancelled'))
    expect(await readBalance(db, person, 'TOK')).toMatchObject({ available: 1_005n, held: 0n })
    await expect(db.rows(q`update wallets set available = 9`)).rejects.toThrow(/only through ledger entries/)
    expect((await prove(db)).ok).toBe(true)
    await db.close()
    await target.drop()
    await rm(folder, { recursive: true })

    // A backup that was made before there was a key is in clear. The command says so when it makes one, and
    // restores it also with a key set.
    const old = await createEmptyDatabase()
    const plain = await runWith({}, at.database.url)
    expect(plain).toMatchObject({
      code: 0,
      text: expect.stringContaining('in clear: set BACKUP_KEY') as string,
    })
    expect(await run(old.url, '--restore')).toMatchObject({ code: 0 })
    await old.drop()
    await rm(folder, { recursive: true })
  },
)

test('F115 a backup that is killed half-way leaves the one before it whole, in the same folder, and the next one clears up', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'telekassa-backup-'))
  const back = (databaseUrl: string, ...args: string[]) =>
    startNode(`${repository}/bin/backup.ts`, [folder, ...args], { env: { DATABASE_URL: databaseUrl } })
  const person = await newPerson(at.db)
  await credit(at.db, person, 1_000n, `first-${person}`)
  expect(await back(at.database.url).ended).toBe(0)
  // As an older release wrote it: the list has the names of the tables alone.
  const whole = await readdir(folder)
  const old = whole.map((name) => [name, name.replace(/\.\d{17}/, '')] as const)
  for (const [name, plain] of old) await rename(join(folder, name), join(folder, plain))
  const tables = old.flatMap(([, plain]) => /^(\w+)\.copy$/.exec(plain)?.[1] ?? [])
  await writeFile(join(folder, 'tables.json'), JSON.stringify(tables))
  await credit(at.db, person, 500n, `second-${person}`)
  await at.db.tx(async (tx) => {
    await tx.rows(q`lock table wallets in access exclusive mode`)
    const cut = back(at.database.url)
    const waiting = q`select from pg_locks where relation = 'wallets'::regclass and not granted`
    await eventually(async () => (await tx.rows(waiting)).length > 0, { what: 'the backup is half-way' })
    await cut.kill('SIGKILL')
  })
  const target = await createEmptyDatabase()
  const restored = back(target.url, '--restore')
  expect([await restored.ended, restored.lines.join('\n')]).toEqual([0, expect.stringContaining('restored')])
  const db = await openDb(target.url, { max: 2, name: 'restored' })
  expect(await readBalance(db, person, 'TOK')).toMatchObject({ available: 1_000n })
  expect((await prove(db)).ok).toBe(true)
  await db.close()
  await target.drop()
  expect(await back(at.database.url).ended).toBe(0)
  expect((await readdir(folder)).length).toBe(whole.length)
  await rm(folder, { recursive: true })
})
