import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Db } from '#shared/db/db.ts'
import { SHOWN, search } from '#shop/admin/search.ts'
import { checkNames } from '../../bin/lib/check-names.ts'
import { createDatabase, createDatabaseOfCtypeC, openTestDb } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'

/** Names as Telegram tells them. */
const NAMES = [
  'Иван',
  'Артём',
  'И\u0306осиф',
  'Йозеф',
  'İpek',
  'Işık',
  'Ольга ',
  'Zoë',
  '100% скидка',
  'a_b',
  'axb',
]

describe.each([
  { ctype: 'C', create: createDatabaseOfCtypeC },
  { ctype: 'C.UTF-8', create: createDatabase },
])('a person is found by name in a database of ctype $ctype', ({ ctype, create }) => {
  let database: TestDatabase
  let db: Db
  beforeAll(async () => {
    database = await create()
    db = await openTestDb(database.url, { max: 2, name: 'search-names' })
    for (const [index, name] of NAMES.entries())
      await db.rows(q`
        insert into persons (id, first_name, last_name) values (${index + 1}, ${name}, ${index === 0 ? 'Петров' : null})`)
  })
  afterAll(async () => {
    await db?.close()
    await database?.drop()
  })
  const found = async (word: string) =>
    (await search(db, word)).map(({ id }) => NAMES[Number(id) - 1] ?? '').toSorted()

  test('a person is found by the last name, by both names in either order, and by the whole line that a list shows', async () => {
    await db.rows(q`update persons set username = 'ivan_p' where id = 1`)
    for (const word of ['Петров', 'петров ИВ', 'Иван Петров', 'Иван Петров @ivan_p', '@ivan_p'])
      expect(await found(word), word).toEqual(['Иван'])
  })

  test('a search finds one more than a list shows, so that the list can say that there are more', async () => {
    for (let id = 100; id < 112; id++)
      await db.rows(q`insert into persons (id, first_name) values (${id}, 'Тёзка')`)
    expect(await search(db, 'тезка')).toHaveLength(SHOWN + 1)
    await db.rows(q`delete from persons where id >= 100`)
  })

  test('as it is stored', async () => {
    for (const name of NAMES) expect(await found(name)).toContain(name)
  })

  test.each([
    ['иван', 'Иван'],
    ['ИВАН ПЕТ', 'Иван'],
    ['артем', 'Артём'],
    ['АРТЁМ', 'Артём'],
    ['Артe\u0308м'.replace('e', 'е'), 'Артём'],
    ['йосиф', 'И\u0306осиф'],
    ['й\u200bозеф', 'Йозеф'],
    ['ИОЗЕФ', 'Йозеф'],
    ['ipek', 'İpek'],
    ['IPEK', 'İpek'],
    ['isik', 'Işık'],
    ['zoe', 'Zoë'],
  ])('typed as %s', async (typed, name) => {
    expect(await found(typed)).toEqual([name])
  })

  test('signs of patterns (% and _) stand for themselves, and a word without a visible character finds nobody', async () => {
    expect(await found('a_')).toEqual(['a_b'])
    expect(await found('100％')).toEqual(['100% скидка'])
    expect(await found('100%с')).toEqual([])
    expect(await found('\\')).toEqual([])
    expect(await found('\u200b')).toEqual([])
  })

  test('by the index, and the doctor says so', async () => {
    const plan = await db.tx(async (tx) => {
      await tx.rows(q`set local enable_seqscan = off`)
      return await tx.rows(q`
        explain select id from persons where folded(first_name || ' ' || coalesce(last_name, '')) like folded('Иван') || '%'`)
    })
    expect(JSON.stringify(plan)).toMatch(/Index Cond.*~>=~/)
    expect(await checkNames(db)).toEqual([
      { check: 'names', level: 'ok', says: expect.stringContaining(ctype) },
    ])
    await db.rows(q`drop index persons_folded_name_index`)
    expect(await checkNames(db)).toMatchObject([{ level: 'warn' }])
  })
})
