import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inLanguages } from '#shared/i18n/languages.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { createSecrets } from '#shared/secrets.ts'
import type { Secrets } from '#shared/secrets.ts'
import { buyItem } from '#shop/shelf/buy.ts'
import { addLines } from '#shop/shelf/add-lines.ts'
import { saveItem } from '#shop/shelf/manage.ts'
import { shelfSecrets } from '#shop/shelf/seal.ts'
import type { Infra } from '../bin/infra/start.ts'
import { bareCredit, makeBareLedger } from './lib/bare-ledger.ts'
import { inTurns, rate } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'

const MANY = 1_000_000
const FEW = 10_000
const UPLOADED = 100_000
const MS = 1_000
const PERSON = 1n

/**
 * One worker reserves, sells and delivers lines of a stock. Compared with plain statements without guards, story
 * and limits; with a million lines against ten thousand; and with the upload of 100,000 lines.
 * @param parts `sold`, `grown`, `upload`; all of them by default
 */
export async function benchGoods({ databaseUrl }: Infra, parts?: ReadonlySet<string>): Promise<Result[]> {
  const db = await openDb(databaseUrl, { max: 4, name: 'bench' })
  const bare = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  bare.on('error', () => {})
  const isWanted = (part: string) => parts?.has(part) ?? true
  try {
    const shelf = await shelfSecrets({ db, secrets: createSecrets(randomBytes(32).toString('base64')) })
    await bare.query(`insert into persons (id) values ($1) on conflict do nothing`, [PERSON])
    await bare.query(`insert into bots (name) values ('shop') on conflict do nothing`)
    const results: Result[] = []
    if (isWanted('sold') || isWanted('grown')) {
      await makeBareLedger(bare)
      await makeBareStock(bare)
      const words = { reference: `bench-goods-${process.pid}`, kind: 'promo' } as const
      const money = { asset: 'RUB', amount: 10n ** 12n } as const
      await post(db, transfer({ system: 'promo' }, { person: PERSON }, money, words))
      const few = await makeItem(db, bare, FEW)
      const many = await makeItem(db, bare, MANY)
      const per = (call: () => Promise<unknown>) => () => rate(1, MS, call)
      const buy = (itemId: bigint) => per(() => buyLine(db, itemId, shelf))
      if (isWanted('sold')) {
        const sold = await inTurns(
          buy(many),
          per(() => buyBare(bare)),
        )
        results.push({
          name: 'a line bought, of a million, and by bare SQL',
          ...sold,
          unit: 'tx/s',
          goal: 0.5,
        })
      }
      if (isWanted('grown')) {
        const grown = await inTurns(buy(many), buy(few))
        results.push({
          name: 'a line bought, of a million, and of 10,000',
          ...grown,
          unit: 'tx/s',
          goal: 0.9,
        })
      }
    }
    if (isWanted('upload')) {
      const item = await makeItem(db, bare, 0)
      const lines = Array.from(
        { length: UPLOADED },
        (_, at) => `KEY-${at}-${randomBytes(8).toString('hex')}\n`,
      )
      const begun = performance.now()
      await addLines(db, shelf, { itemId: item, upload: 'bench' }, lines)
      const upload = (performance.now() - begun) / 1000
      const name = '100,000 lines uploaded, at most 10 s'
      results.push({ name, ours: upload, baseline: 10, unit: 's', goal: 1, smaller: true })
    }
    return results
  } finally {
    await bare.end()
    await db.close()
  }
}

const buyLine = (db: Db, itemId: bigint, shelf: Secrets) =>
  db.tx((tx) =>
    buyItem(tx, {
      id: `bench-${process.pid}-${count++}`,
      itemId,
      personId: PERSON,
      bot: 'shop',
      name: ({ name }) => name.en,
      roubles: { agreed: 0n, rate: 1n },
      shelf,
      actor: 'bench',
    }),
  )

let count = 0

/** Makes an item whose lines look sealed. The database writes them, because a sale opens no line. */
async function makeItem(db: Db, bare: pg.Pool, lines: number): Promise<bigint> {
  const name = inLanguages(() => 'Key')
  const { id } = await db.tx((tx) =>
    saveItem(tx, undefined, { kind: 'stock', name, asset: 'RUB', price: 1n }, PERSON),
  )
  await bare.query(
    `insert into shelf_lines (item_id, sealed, print, upload)
     select $1, decode(md5(n::text) || md5(n::text), 'hex'), md5(n::text), 'bench' from generate_series(1, $2::int) n`,
    [id, lines],
  )
  await bare.query('analyze shelf_lines')
  return id
}

async function makeBareStock(bare: pg.Pool): Promise<void> {
  await bare.query(`
    create table if not exists bare_lines (id bigint generated always as identity primary key, item_id bigint not null,
      sealed bytea not null, state text not null default 'free', order_id text);
    create index if not exists bare_lines_free on bare_lines (item_id, id) where state = 'free';
    create table if not exists bare_orders (id text primary key, person_id bigint not null, price bigint not null,
      state text not null)`)
  await bare.query(
    `insert into bare_lines (item_id, sealed)
     select 1, decode(md5(n::text) || md5(n::text), 'hex') from generate_series(1, $1::int) n`,
    [MANY],
  )
  await bare.query('analyze bare_lines')
}

/** Reserves, pays and delivers in the way of a careful person who writes for speed alone. */
async function buyBare(bare: pg.Pool): Promise<void> {
  const id = `bare-goods-${count++}`
  const client = await bare.connect()
  try {
    const run = (name: string, text: string, values: unknown[]) => client.query({ name, text, values })
    await client.query('begin')
    await run('bare-person', 'select from persons where id = $1 for no key update', [PERSON])
    await run('bare-order', `insert into bare_orders values ($1, $2, 1, 'reserved')`, [id, PERSON])
    await run(
      'bare-line',
      `update bare_lines set state = 'sold', order_id = $1 where id = (select id from bare_lines
       where item_id = 1 and state = 'free' order by item_id, id limit 1 for update skip locked)`,
      [id],
    )
    await client.query(bareCredit(id, PERSON, 1n))
    await run('bare-delivered', `update bare_orders set state = 'delivered' where id = $1`, [id])
    await client.query('commit')
  } finally {
    client.release()
  }
}
