import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Db } from '#shared/db/db.ts'
import { newId } from '#shared/ids.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { exportQuery } from '#shop/exports/queries.ts'
import { EXPORT_KINDS } from '#shop/exports/tables.ts'
import { writeCsv } from '#shop/exports/worker/write.ts'
import { atEnd } from '../lib/at-end.ts'
import { parseCsv } from '../lib/csv.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import { give } from '../lib/give.ts'

/** A person of the bot main, which the admin does not serve, and one of the bot second. */
const THEIRS = 1n
const OURS = 2n

describe('the files of an admin who serves one bot of several', () => {
  let db: Db
  let folder: string
  beforeAll(async () => {
    const database = await createDatabase()
    atEnd(() => database.drop())
    db = await openTestDb(database.url, { max: 2, name: 'exports' })
    atEnd(() => db.close())
    folder = await mkdtemp(join(tmpdir(), 'telekassa-test-'))
    atEnd(() => rm(folder, { recursive: true, force: true }))
    await registerBots(
      db,
      ['main', 'second'].map((name) => ({ name, token: '', admins: [] })),
    )
    for (const [person, bot] of [
      [THEIRS, 'main'],
      [OURS, 'second'],
    ] as const) {
      await db.rows(q`insert into persons (id, first_name) values (${person}, ${`of ${bot}`})`)
      await db.rows(q`insert into bot_sessions (bot, person_id) values (${bot}, ${person})`)
      await give(db, person, 100n, 'RUB', bot)
      await db.rows(q`
        insert into payments (id, person_id, bot, provider, state, asset, amount, credit_asset, credit_amount)
        values (${newId()}, ${person}, ${bot}, 'manual', 'paid', 'RUB', 100, 'RUB', 100)`)
      await db.rows(q`
        insert into orders (id, person_id, bot, good, state, asset, price)
        values (${newId()}, ${person}, ${bot}, 'stars', 'delivered', 'RUB', 100)`)
    }
  })

  test.each(EXPORT_KINDS.filter((kind) => kind !== 'broadcast'))(
    'F83 %s holds what belongs to that bot and nothing of the others',
    async (kind) => {
      const { files } = await writeCsv(db.reads, exportQuery(kind, {}, undefined, 'en', ['second']), {
        folder,
        name: `${kind}.csv`,
        delimiter: ',',
      })
      const [header, ...rows] = parseCsv((await readFile(files[0]!.path, 'utf8')).slice(1), ',')
      expect(rows.map((row) => row[header!.indexOf('name')])).toEqual(['of second'])
    },
  )
})
