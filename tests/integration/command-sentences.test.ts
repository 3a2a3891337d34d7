import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { atEnd } from '../lib/at-end.ts'
import { repository } from '../lib/compose.ts'
import { createDatabase } from '../lib/database.ts'
import { tempFolder } from '../lib/infra.ts'
import { reservePort } from '../lib/port.ts'
import { startNode } from '../lib/processes.ts'

// What a person reads whose command cannot do its work: one sentence, and no trace of code.

async function run(file: string, args: string[], databaseUrl: string) {
  const command = startNode(join(repository, 'bin', file), args, {
    env: { DATABASE_URL: databaseUrl, DATA_DIR: await tempFolder(), BOT_TOKEN: '', BOTS: '', REDIS_URL: '' },
  })
  const code = await command.ended
  return { code, lines: command.lines.filter((line) => !line.startsWith('ENCRYPTION_KEY is not set')) }
}

test('every command that needs the database says in one sentence why it cannot reach it', async () => {
  const nobody = `postgres://a:secret@127.0.0.1:${await reservePort()}/x`
  const folder = await tempFolder()
  for (const [file, ...args] of [
    ['backup.ts', join(folder, 'backup')],
    ['api-key.ts', 'list'],
    ['reseal.ts'],
    ['story.ts', 'main-1'],
  ] as const)
    expect(await run(file, args, nobody), file).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^The database cannot be used: nothing listens there .*DATABASE_URL/)],
    })
})

test('a backup that has no folder to go to or to come from says so', async () => {
  const database = await createDatabase()
  const { url } = database
  atEnd(() => database.drop())
  const folder = await tempFolder()
  await writeFile(join(folder, 'file'), '')
  expect(await run('backup.ts', [join(folder, 'file', 'in')], url)).toEqual({
    code: 1,
    lines: [expect.stringMatching(/^telekassa cannot write the backup: ENOTDIR: .*file/)],
  })
  expect(await run('backup.ts', [join(folder, 'nowhere'), '--restore'], url)).toEqual({
    code: 1,
    lines: [expect.stringMatching(/^telekassa cannot restore: ENOENT: .*nowhere/)],
  })
})

test('an option that there is not is named above the usage', async () => {
  const { code, lines } = await run('api-key.ts', ['list', '--all'], 'postgres://a:b@127.0.0.1:1/x')
  expect(code).toBe(1)
  expect(lines[0]).toContain("'--all'")
  expect(lines[1]).toMatch(/^Usage: npm run api-key/)
})

test('a number that no key can have is answered by what is allowed, and the database is not asked', async () => {
  const nobody = 'postgres://a:b@127.0.0.1:1/x'
  for (const [option, value, allowed] of [
    ['--days', '9999999999', 'days from 1 to 36500, or 0 for no limit'],
    ['--days', '-1', 'days from 1 to 36500, or 0 for no limit'],
    ['--per-entry', '1e9', 'roubles from 1 to 9999999999, or 0 for no limit'],
    ['--per-day', '99999999999', 'roubles from 1 to 9999999999, or 0 for no limit'],
    ['--per-minute', '0', 'a whole number from 1 to 1000000'],
  ] as const) {
    const { code, lines } = await run('api-key.ts', ['create', 'my-bot', `${option}=${value}`], nobody)
    expect([code, lines], option).toEqual([1, [expect.stringContaining(allowed)]])
    expect(lines[0]).toContain(`not "${value}"`)
  }
})
