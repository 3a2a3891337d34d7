import { gunzipSync } from 'node:zlib'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportQuery } from '../../src/shared/exports/queries.ts'
import { writeCsv } from '../../src/workers/exports/write.ts'
import { OWNER, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { parseCsv } from '../lib/csv.ts'
import { redisAvailable } from '../lib/requirements.ts'

const HARMFUL = ['=HYPERLINK("http://evil")', '+1+1', '-2+3', '@SUM(A1)', '\tTAB', '\rCR', '\nLF', 'a;"b,\nc']

describe.skipIf(!redisAvailable())('exports', () => {
  let shop: AdminShop
  let folder: string
  beforeAll(async () => {
    shop = await openAdminShop({ workers: ['bot', 'exports'] })
    folder = await mkdtemp(join(tmpdir(), 'telekassa-test-'))
    await shop.say(OWNER, '/start')
    await shop.sees(OWNER, 'Balance')
    for (const [index, name] of HARMFUL.entries()) {
      const id = 500 + index
      await shop.give(id, 1_250n, 'RUB')
      await shop.db.rows(
        q`update persons set first_name = ${name}, username = ${`@name${index}`} where id = ${id}`,
      )
    }
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
    await shop?.close()
  })

  const file = async (url: string) => {
    const response = await fetch(new URL(url, shop.telegram.url))
    return Buffer.from(await response.arrayBuffer())
  }

  it('transactions.csv comes as a document with BOM, every operation in it, and numbers as numbers', async () => {
    await shop.say(OWNER, '/export')
    await shop.press(OWNER, 'Operations')
    await shop.press(OWNER, 'All the time')
    const message = await shop.sees(OWNER, `Lines: ${HARMFUL.length}`)
    expect(message.document).toMatchObject({ file_name: 'transactions.csv' })
    const bytes = await file(message.document!.url)
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
    const [header, ...rows] = parseCsv(bytes.subarray(3).toString(), ',')
    expect(rows).toHaveLength(HARMFUL.length)
    const at = (name: string) => header!.indexOf(name)
    expect(rows.map((row) => row[at('amount')])).toEqual(HARMFUL.map(() => '12.50'))
    expect(rows.map((row) => row[at('person_id')])).toEqual(HARMFUL.map((_, index) => String(500 + index)))
    await shop.sees(OWNER, 'transactions.csv: 8 lines')
    expect(await shop.audits('export')).toHaveLength(1)
  })

  it('F68 no cell that a person wrote begins like a formula, in any of the files', async () => {
    for (const kind of ['transactions', 'people'] as const) {
      const { path } = await writeCsv(shop.db.pool, exportQuery(kind, {}), {
        folder,
        name: `${kind}.csv`,
        delimiter: ';',
      })
      const [header, ...rows] = parseCsv((await readFile(path, 'utf8')).slice(1), ';')
      const own = rows.filter((row) => row.some((cell) => cell.startsWith("'@name")))
      expect(own).toHaveLength(HARMFUL.length)
      for (const row of own) {
        for (const name of ['name', 'username']) {
          expect(row[header!.indexOf(name)]).not.toMatch(/^[=+\-@\t\r\n]/)
        }
      }
      const names = own.map((row) => row[header!.indexOf('name')]!.replace(/^'/, ''))
      expect(new Set(names)).toEqual(new Set(HARMFUL))
    }
  })

  it('a debit stays a negative number', async () => {
    await shop.say(OWNER, '/adjust 500 -2,50 RUB correction')
    await shop.sees(OWNER, 'correction')
    const query = exportQuery('transactions', { personId: '500', type: 'adjustment' })
    const { path, rows } = await writeCsv(shop.db.pool, query, { folder, name: 'one.csv', delimiter: ',' })
    const [header, row] = parseCsv((await readFile(path, 'utf8')).slice(1), ',')
    expect(rows).toBe(1)
    expect(row![header!.indexOf('amount')]).toBe('-2.50')
    expect(row![header!.indexOf('balance_after')]).toBe('10.00')
  })

  it('only one export of a kind is made at a time for one admin', async () => {
    await shop.db.rows(q`
      insert into exports (id, kind, bot, admin_id, language) values ('busy', 'people', 'main', ${OWNER}, 'en')`)
    await shop.say(OWNER, '/export')
    await shop.press(OWNER, 'People')
    const { text } = await shop.press(OWNER, '7 days')
    expect(text).toMatch(/is being made/)
    await shop.db.rows(q`update exports set updated_at = now() - interval '1 hour' where id = 'busy'`)
    await shop.say(OWNER, '/export')
    await shop.press(OWNER, 'People')
    await shop.press(OWNER, '7 days')
    const message = await shop.sees(OWNER, /^Lines: (9|10|11)$/)
    expect(message.document).toMatchObject({ file_name: 'people.csv' })
  })

  it('a file that Telegram would not take is an archive of the same lines', async () => {
    const written = await writeCsv(shop.db.pool, exportQuery('transactions', {}), {
      folder,
      name: 'large.csv',
      delimiter: ',',
      largestBytes: 1_000,
    })
    expect(written.name).toBe('large.csv.gz')
    const text = gunzipSync(await readFile(written.path)).toString('utf8')
    expect(parseCsv(text.slice(1), ',')).toHaveLength(written.rows + 1)
  })
})
