import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDb } from '#shared/db/db.ts'
import { OWNER, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { parseCsv } from '../lib/csv.ts'
import { eventually } from '../lib/eventually.ts'
import { startNode } from '../lib/processes.ts'
import { redisAvailable } from '../lib/requirements.ts'

const PROCESS = join(import.meta.dirname, '../lib/export-process.ts')
const ID = 'broken-off'
/** So small that the export has six or more parts. */
const LARGEST_BYTES = 2_800
const GATE = 7_351_001

describe.skipIf(!redisAvailable())('an export in parts whose worker is killed', () => {
  let shop: AdminShop
  beforeAll(async () => {
    shop = await openAdminShop({ workers: ['bot'] })
    await shop.say(OWNER, '/start')
    await shop.sees(OWNER, 'Balance')
    await shop.db.rows(q`
      insert into persons (id, first_name) select 2 * g, md5(g::text) from generate_series(5000, 5500) g`)
    await shop.db.rows(q`
      insert into exports (id, kind, bot, admin_id, language) values (${ID}, 'people', 'main', ${OWNER}, 'en')`)
  })
  afterAll(() => shop?.close())

  const make = () => startNode(PROCESS, [ID, String(LARGEST_BYTES)], { env: shop.env })
  const row = async () =>
    (
      await shop.db.rows(q<{ state: string; sent: number; sending: number | null; parts: number }>`
        select state, sent_parts as sent, sending, parts from exports where id = ${ID}`)
    )[0]!
  const arrived = async () => (await shop.messages(OWNER)).filter((one) => one.document)
  const idsOf = async (url: string) => {
    const file = await fetch(new URL(url, shop.telegram.url))
    const text = gunzipSync(Buffer.from(await file.arrayBuffer())).toString('utf8')
    return parseCsv(text.slice(1), ',')
      .slice(1)
      .map(([id]) => Number(id))
  }

  test('goes on after the parts that were sent; only the part that was on its way is sent again, and it says so', async () => {
    const everybody = (await shop.db.rows(q<{ id: bigint }>`select id from persons order by id`)).map(
      ({ id }) => Number(id),
    )
    // The worker is killed between two parts: the second is sent and noted, the third is not begun.
    await shop.db.rows(q`
      create function gate() returns trigger language plpgsql as
        'begin perform pg_advisory_xact_lock(${q.raw(String(GATE))}); return new; end'`)
    await shop.db.rows(q`
      create trigger gate before update on exports for each row when (new.sending = 3) execute function gate()`)
    const keeper = await openDb(shop.env.DATABASE_URL!, { max: 1, name: 'keeper' })
    await keeper.rows(q`select pg_advisory_lock(${GATE})`)
    const first = make()
    const waiting = await eventually(
      async () =>
        // Locks of this database only, because other test files wait for locks on the same server.
        (
          await shop.db.rows(q<{ pid: number }>`
            select pid from pg_locks where locktype = 'advisory' and not granted and objid = ${GATE}
              and database = (select oid from pg_database where datname = current_database())`)
        )[0],
      { what: 'the third part is about to begin' },
    )
    await first.kill('SIGKILL')
    // The connection is ended before it gets its lock.
    await shop.db.rows(q`select pg_terminate_backend(${waiting.pid}, 60000)`)
    await keeper.close()
    await shop.db.rows(q`drop trigger gate on exports`)
    expect(await row()).toMatchObject({ state: 'running', sent: 2, sending: null })
    expect(await arrived()).toHaveLength(2)

    // Meanwhile new people join whose ids lie between those in the file. Nobody's row may move because of them.
    await shop.db.rows(q`insert into persons (id, first_name) values (10001, 'New'), (10003, 'New')`)
    // The worker is killed again while the fourth part is on its way: Telegram has the part, and the worker never
    // learned so.
    const fault = (what: Record<string, number>) =>
      shop.control('POST', '/faults', { on: 'call', method: 'sendDocument', skip: 1, do: what })
    await fault({ delay_ms: 600_000 })
    const second = make()
    await eventually(async () => (await arrived()).length === 4, { what: 'the fourth part is there' })
    await second.kill('SIGKILL')
    expect(await row()).toMatchObject({ sent: 3, sending: 4 })
    // Telegram refuses the fifth part. A part that certainly did not arrive is sent again without a warning.
    await fault({ retry_after: 1 })
    expect(await make().ended).toBe(1)
    expect(await row()).toMatchObject({ sent: 4, sending: null })
    expect(await make().ended).toBe(0)

    const { parts } = await row()
    expect(parts).toBeGreaterThan(5)
    const all = await arrived()
    const captions = all.map(({ caption }) => caption!.replaceAll('\n', ' '))
    const numbers = captions.map((caption) => Number(/^Part (\d+) of/.exec(caption)![1]))
    const once = Array.from({ length: parts }, (_, at) => at + 1)
    expect(numbers).toEqual([1, 2, 3, 4, ...once.slice(3)])
    expect(captions.filter((caption) => caption.includes('takes the place'))).toEqual([captions[4]])
    const contents = await Promise.all(all.map(({ document }) => idsOf(document!.url)))
    // The repeated part has the rows of the part that had arrived.
    expect(contents[4]![0]).toBe(contents[3]![0])
    expect(contents.toSpliced(3, 1).flat()).toEqual(everybody)
    const [kept] = await shop.db.rows(
      q`select state, rows::int, sent_parts as sent from exports where id = ${ID}`,
    )
    expect(kept).toEqual({ state: 'done', rows: everybody.length, sent: parts })

    // The worker is killed after the last part, so no part is sent again.
    await shop.db.rows(q`update exports set state = 'running' where id = ${ID}`)
    expect(await make().ended).toBe(0)
    expect(await row()).toMatchObject({ state: 'done' })
    expect(await arrived()).toHaveLength(all.length)
  })
})
