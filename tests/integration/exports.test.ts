import { createSettings } from '#shared/settings/settings.ts'
import { gunzipSync } from 'node:zlib'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { setRole } from '#shared/roles.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requestExport } from '#shop/exports/exports.ts'
import { EXPORT_KINDS } from '#shop/exports/tables.ts'
import { newId } from '#shared/ids.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { serveBot } from '#shared/telegram/bots.ts'
import { makeExport } from '#shop/exports/worker/run.ts'
import { delimiterOf, exportQuery } from '#shop/exports/queries.ts'
import { writeCsv } from '#shop/exports/worker/write.ts'
import { OWNER, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { HARMFUL, NUMBERS, parseCsv } from '../lib/csv.ts'
import { eventually } from '../lib/eventually.ts'
import { readSheet } from '../lib/spreadsheet.ts'
import type { Cell } from '../lib/spreadsheet.ts'
import { redisAvailable } from '../lib/requirements.ts'

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

  const bots = () => {
    const { backend, metrics, telegram } = shop
    const context = { apiRoot: telegram.url, backend, metrics, sendRate: 1_000, chatRate: 0 }
    return new Map(shop.config.bots.map((bot) => [bot.name, serveBot(bot, context)]))
  }

  const file = async (url: string) => {
    const response = await fetch(new URL(url, shop.telegram.url))
    return Buffer.from(await response.arrayBuffer())
  }

  test('transactions.csv comes as a document with BOM, every operation in it, and numbers as numbers', async () => {
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
    await shop.sees(OWNER, `transactions.csv: ${HARMFUL.length} lines`)
    expect(await shop.audits('export')).toHaveLength(1)
  })

  test('F68 no cell that a person wrote begins like a formula, in any of the files', async () => {
    for (const kind of ['transactions', 'people'] as const) {
      const { files } = await writeCsv(shop.db.reads, exportQuery(kind, {}), {
        folder,
        name: `${kind}.csv`,
        delimiter: ';',
      })
      const [header, ...rows] = parseCsv((await readFile(files[0]!.path, 'utf8')).slice(1), ';')
      const own = rows.filter((row) => row.some((cell) => cell.startsWith("'@name")))
      expect(own).toHaveLength(HARMFUL.length)
      for (const row of own) {
        for (const name of ['name', 'username']) {
          expect(row[header!.indexOf(name)]).not.toMatch(/^\s*[=+\-@＝＋－＠\t\r\n\u200b]/)
        }
      }
      const names = own.map((row) => row[header!.indexOf('name')]!.replace(/^'/, ''))
      expect(new Set(names)).toEqual(new Set(HARMFUL))
    }
  })

  test('a debit stays a negative number', async () => {
    await shop.say(OWNER, '/adjust 500 -2,50 RUB correction')
    await shop.sees(OWNER, 'correction')
    const query = exportQuery('transactions', { personId: '500', type: 'adjustment' })
    const { files, rows } = await writeCsv(shop.db.reads, query, {
      folder,
      name: 'one.csv',
      delimiter: ',',
    })
    const [header, row] = parseCsv((await readFile(files[0]!.path, 'utf8')).slice(1), ',')
    expect(rows).toBe(1)
    expect(row![header!.indexOf('amount')]).toBe('-2.50')
    expect(row![header!.indexOf('balance_after')]).toBe('10.00')
  })

  test('a part that ends at an id which the CSV marks as text is followed by the part behind that id', async () => {
    const query = `select csv_text('1e' || g) as id, md5(g::text) || md5((-g)::text) as words from generate_series(1, 100) g`
    const { files } = await writeCsv(shop.db.reads, query, {
      folder: await mkdtemp(join(folder, 'marked-')),
      name: 'marked.csv',
      delimiter: ';',
      largestBytes: 3_000,
    })
    expect(files.length).toBeGreaterThan(1)
    expect(files.at(-1)!.last).toBe('1e100')
    for (const { last } of files) expect(last).toMatch(/^1e\d+$/)
  })

  test('only one export of a kind is made at a time for one admin', async () => {
    await shop.db.rows(q`
      insert into exports (id, kind, bot, admin_id, language) values ('busy', 'people', 'main', ${OWNER}, 'en')`)
    await shop.say(OWNER, '/export')
    await shop.press(OWNER, 'Customers')
    const { text } = await shop.press(OWNER, '7 days')
    expect(text).toMatch(/is being made/)
    await shop.db.rows(q`update exports set updated_at = now() - interval '1 hour' where id = 'busy'`)
    await shop.say(OWNER, '/export')
    await shop.press(OWNER, 'Customers')
    await shop.press(OWNER, '7 days')
    const message = await shop.sees(OWNER, /^Lines: (16|17|18)$/)
    expect(message.document).toMatchObject({ file_name: 'people.csv' })
  })

  test('a file that Telegram would not take is an archive of the same lines', async () => {
    const written = await writeCsv(shop.db.reads, exportQuery('transactions', {}), {
      folder,
      name: 'large.csv',
      delimiter: ',',
      largestBytes: 1_500,
    })
    expect(written.files.map(({ name }) => name)).toEqual(['large.csv.gz'])
    const text = gunzipSync(await readFile(written.files[0]!.path)).toString('utf8')
    expect(parseCsv(text.slice(1), ',')).toHaveLength(written.rows + 1)
  })

  test('what is too large even so comes in numbered parts, each whole, none above the limit, no row cut or lost', async () => {
    const limit = 20_000
    const query = `select g as number, md5(g::text) || md5((-g)::text) as "text",
      case when g % 7 = 0 then 'a "quoted"' || chr(10) || 'line, and ' || chr(10) else '' end as odd
      from generate_series(1, 3000) g`
    const { files, rows } = await writeCsv(shop.db.reads, query, {
      folder: await mkdtemp(join(folder, 'parts-')),
      name: 'large.csv',
      delimiter: ',',
      largestBytes: limit,
    })
    expect(rows).toBe(3_000)
    expect(files.length).toBeGreaterThan(5)
    expect(files.map(({ name }) => name)).toEqual(files.map((_, at) => `large-${at + 1}.csv.gz`))
    const seen: string[][] = []
    for (const file of files) {
      const bytes = await readFile(file.path)
      expect(bytes.length).toBe(file.bytes)
      expect(bytes.length).toBeLessThanOrEqual(limit)
      const text = gunzipSync(bytes).toString('utf8')
      expect(text.startsWith('\uFEFFnumber,text,odd\n')).toBe(true)
      const part = parseCsv(text.slice(1), ',').slice(1)
      expect(part).toHaveLength(file.rows)
      seen.push(...part)
    }
    // Cutting too early would be waste, though no fault: all parts but the last must be nearly full.
    for (const file of files.slice(0, -1)) expect(file.bytes).toBeGreaterThan(limit * 0.8)
    expect(seen.map(([number]) => Number(number))).toEqual(Array.from({ length: 3_000 }, (_, at) => at + 1))
    expect(seen.filter(([, , odd]) => odd === 'a "quoted"\nline, and \n')).toHaveLength(428)
  })

  test('every kind of export goes on after any of its rows, with nothing lost and nothing twice', async () => {
    await shop.db.rows(q`
      insert into payments (id, person_id, bot, provider, state, asset, amount, credit_asset, credit_amount, created_at)
      select 'pay-' || g, 500, 'main', 'stars', 'created', 'XTR', 1, 'TOK', 1, now() - g % 2 * interval '1 day'
      from generate_series(1, 6) g`)
    await shop.db.rows(q`
      insert into orders (id, person_id, bot, good, state, asset, price, created_at)
      select 'order-' || g, 500, 'main', 'stars', 'failed', 'TOK', 1, now() - g % 2 * interval '1 day'
      from generate_series(1, 6) g`)
    await shop.db.rows(q`insert into broadcasts (id, bot, created_by) values ('rows', 'main', ${OWNER})`)
    await shop.db.rows(q`
      insert into broadcast_recipients (broadcast_id, number, person_id, bot, language, state, reason)
      select 'rows', g + 1, 500 + g, 'main', 'en', (array['sent', 'failed', 'uncertain'])[g % 3 + 1],
        (array[null, 'refused', null])[g % 3 + 1]
      from generate_series(0, 6) g`)
    for (const kind of EXPORT_KINDS) {
      const params = { broadcastId: 'rows' }
      const ids = async (after?: string) => {
        const query = exportQuery(kind, params, after)
        return (await shop.db.rows<Record<string, unknown>>({ text: query, values: [] })).map((row) =>
          String(Object.values(row)[0]),
        )
      }
      const all = await ids()
      expect(all.length).toBeGreaterThan(5)
      for (const [at, id] of all.slice(0, 10).entries())
        expect([kind, await ids(id)]).toEqual([kind, all.slice(at + 1)])
    }
    await shop.db.rows(q`delete from payments where id like 'pay-%'`)
    await shop.db.rows(q`delete from orders where id like 'order-%'`)
  })

  const appOf = () => ({
    db: shop.db,
    config: shop.config,
    bots: bots(),
    settings: createSettings(shop.db, shop.config),
    texts: loadTexts(),
    log: shop.log,
  })

  test('the parts are sent one after another, and the export says how many lines they have', async () => {
    await shop.db.rows(q`
      insert into persons (id, first_name) select g, md5(g::text) from generate_series(70000, 70400) g`)
    const id = 'in-parts'
    await shop.db.rows(q`
      insert into exports (id, kind, bot, admin_id, language) values (${id}, 'people', 'main', ${OWNER}, 'en')`)
    const app = appOf()
    await makeExport(app, id, { signal: new AbortController().signal, lastTry: false }, 8_000)
    const sent = (await shop.messages(OWNER)).filter(({ document }) =>
      document?.file_name.startsWith('people-'),
    )
    expect(sent.length).toBeGreaterThan(1)
    expect(sent.map(({ caption }) => caption?.split(' · ')[0])).toEqual(
      sent.map((_, at) => `Part ${at + 1} of ${sent.length}`),
    )
    const lines = sent.map(({ caption }) => Number(/lines: (\d+)/.exec(caption ?? '')![1]))
    const [kept] = await shop.db.rows(
      q<{ state: string; rows: bigint }>`select state, rows from exports where id = ${id}`,
    )
    expect(kept).toEqual({ state: 'done', rows: BigInt(lines.reduce((sum, one) => sum + one, 0)) })
    const text = gunzipSync(await file(sent[1]!.document!.url)).toString('utf8')
    expect(text.startsWith('\uFEFFid,username,name')).toBe(true)
  })

  test('F83 who loses the role while parts are on their way gets no further one', async () => {
    const [id, helper] = ['role-taken', 70_001n]
    const give = (role: 'admin' | undefined) =>
      shop.db.tx((tx) => setRole(tx, { bot: 'main', personId: helper, role, by: BigInt(OWNER) }))
    await give('admin')
    await shop.db.rows(q`
      insert into exports (id, kind, bot, admin_id, language) values (${id}, 'people', 'main', ${helper}, 'en')`)
    let parts = 0
    const sendDocument = async () => {
      parts += 1
      await give(undefined)
    }
    const served = [...bots()].map(([name, bot]) => [name, { ...bot, uploads: { sendDocument } }])
    const app = { ...appOf(), bots: new Map(served as never) as never }
    const run = { signal: new AbortController().signal, lastTry: false }
    expect(await makeExport(app, id, run, 600)).toMatchObject({ verdict: 'reject' })
    expect(parts).toBe(1)
    const [kept] = await shop.db.rows(q`select state, reason from exports where id = ${id}`)
    expect(kept).toEqual({ state: 'failed', reason: 'not an admin any more' })
  })

  test('one that is given up says so, and its admin may ask again at once', async () => {
    const app = appOf()
    const { message_id: messageId } = await app.bots.get('main')!.api.sendMessage(OWNER, 'preparing')
    const wish = {
      kind: 'orders' as const,
      bot: 'main',
      adminId: BigInt(OWNER),
      language: 'en' as const,
      params: {},
      card: { chatId: OWNER, messageId },
    }
    const id = newId()
    await shop.db.rows(q`
      insert into exports (id, kind, bot, admin_id, language, card)
      values (${id}, 'orders', 'main', ${OWNER}, 'en', ${JSON.stringify(wish.card)}::jsonb)`)
    const refuse = (what: Record<string, unknown>) =>
      shop.control('POST', '/faults', { on: 'call', method: 'sendDocument', times: 1, do: what })
    const run = { signal: new AbortController().signal, lastTry: true }
    await refuse({ retry_after: 1 })
    await expect(makeExport(app, id, run)).rejects.toMatchObject({ retryAfterMs: 1_000 })
    await refuse({ status: 400, description: 'Bad Request: not today' })
    // Until the second that Telegram asked for is over, the new export is still the same one.
    await eventually(async () => {
      await expect(makeExport(app, id, run)).rejects.toThrow('not today')
      return true
    })
    await shop.sees(OWNER, 'The file could not be made')
    await requestExport(shop.db, wish)
    await eventually(async () =>
      (await shop.messages(OWNER)).some(({ document }) => document?.file_name === 'orders.csv'),
    )
    expect(await makeExport(app, id, run)).toEqual({ verdict: 'done' })
  })

  test('F68 nothing that somebody wrote anywhere begins a formula in any column of any kind of export', async () => {
    const person = 500
    await shop.db.rows(q`
      update persons set banned_at = now(), ban_reason = '=1+1', last_name = '' where id = ${person}`)
    await shop.db.rows(q`
      insert into bot_sessions (bot, person_id, start_param) values ('main', ${person}, '-cmd')
      on conflict (bot, person_id) do update set start_param = excluded.start_param`)
    await shop.say(OWNER, `/adjust ${person} 1 RUB =SUM(A1:A9)`)
    await shop.sees(OWNER, '=SUM(A1:A9)')
    await shop.db.rows(q`
      insert into payments (id, person_id, bot, provider, provider_ref, state, asset, amount, credit_asset, credit_amount)
      values ('pay-f68', ${person}, 'main', 'cryptomus', '@evil', 'created', 'RUB', 100, 'TOK', 1)`)
    await shop.db.rows(q`
      insert into orders (id, person_id, bot, good, state, asset, price) values ('order-f68', ${person}, 'main', 'stars', 'failed', 'TOK', 1)`)
    await shop.db.rows(q`
      insert into attempts (order_id, number, supplier, state, token, supplier_ref)
      values ('order-f68', 1, 'fragment', 'refused', 'token-f68', '+7 999')`)
    await shop.db.rows(q`insert into broadcasts (id, bot, created_by) values ('f68', 'main', ${OWNER})`)
    await shop.db.rows(q`
      insert into broadcast_recipients (broadcast_id, number, person_id, bot, language, state, reason)
      values ('f68', 1, ${person}, 'main', 'en', 'failed', ${'\t=cmd|calc'})`)
    const seen = new Set<string>()
    for (const kind of EXPORT_KINDS) {
      const { files } = await writeCsv(shop.db.reads, exportQuery(kind, { broadcastId: 'f68' }), {
        folder,
        name: `${kind}-all.csv`,
        delimiter: ',',
      })
      const [header, ...rows] = parseCsv((await readFile(files[0]!.path, 'utf8')).slice(1), ',')
      expect(rows.length).toBeGreaterThan(0)
      for (const row of rows) {
        for (const [at, cell] of row.entries()) {
          expect([header![at], cell]).not.toEqual([
            header![at],
            expect.stringMatching(/^\s*[=+@＝＋－＠\t\r\n]/),
          ])
          if (cell.startsWith('-')) expect(cell).toMatch(/^-\d+(\.\d+)?$/)
          if (cell.startsWith("'")) seen.add(`${kind}.${header![at]}`)
        }
      }
    }
    // The harmful text was there, and the export made it harmless.
    for (const column of [
      'people.ban_reason',
      'people.came_by',
      'transactions.description',
      'payments.provider_ref',
      'orders.supplier_ref',
      'broadcast.reason',
    ]) {
      expect([...seen]).toContain(column)
    }
    await shop.db.rows(q`update persons set banned_at = null, ban_reason = null where id = ${person}`)
  })

  test('F68 a Russian spreadsheet adds up the sums, and takes no id and no name for a number', async () => {
    for (const [index, text] of NUMBERS.entries()) {
      const id = 600 + index
      await shop.give(id, 1_250n, 'RUB')
      await shop.db.rows(q`update persons set first_name = ${text} where id = ${id}`)
      await shop.db.rows(q`
        insert into payments (id, person_id, bot, provider, provider_ref, state, asset, amount, credit_asset,
          credit_amount, received_asset, received_amount)
        values (${`1e${1000 + index}`}, ${id}, 'main', 'cryptomus', ${text}, 'paid', 'RUB', 1250, 'TOK', 1, 'USDT', 1.5)`)
    }
    const read = async (kind: 'transactions' | 'people' | 'payments', after?: string) => {
      const query = exportQuery(kind, {}, after, 'ru')
      const name = `${kind}-ru.csv`
      const { files } = await writeCsv(shop.db.reads, query, {
        folder,
        name,
        delimiter: delimiterOf('ru'),
      })
      const rows = readSheet(await readFile(files[0]!.path, 'utf8'), 'ru')
      const mine = (row: Record<string, Cell>) =>
        /^6\d\d$/.test(String((row['person_id'] ?? row['id'])!.value))
      return rows.filter(mine)
    }
    const sum = (rows: Record<string, Cell>[], column: string) =>
      rows.reduce((all, { [column]: cell }) => (cell?.is === 'number' ? all + cell.value : Number.NaN), 0)
    const [transactions, people, payments] = [
      await read('transactions'),
      await read('people'),
      await read('payments'),
    ]
    expect(sum(transactions, 'amount')).toBe(12.5 * NUMBERS.length)
    expect(sum(payments, 'amount')).toBe(12.5 * NUMBERS.length)
    expect(sum(payments, 'received_amount')).toBe(1.5 * NUMBERS.length)
    const marked = NUMBERS.map((text) => ({ is: 'text', value: `'${text}` }))
    expect(payments.map((row) => row['provider_ref'])).toEqual(marked)
    for (const rows of [transactions, people, payments])
      expect(rows.map((row) => row['name'])).toEqual(marked)
    expect(payments.map((row) => row['id'])).toEqual(
      NUMBERS.map((_, index) => ({ is: 'text', value: `'1e${1000 + index}` })),
    )
    expect(people.map((row) => row['other_balances'])).toEqual(
      NUMBERS.map(() => ({ is: 'text', value: '12,50 RUB' })),
    )
    await shop.db.rows(q`delete from payments where id like '1e%'`)
  })
})
