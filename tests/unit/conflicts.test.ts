import { expect, test } from 'vitest'
import { sources } from '../lib/sources.ts'

/** A value in the predicate that names a partial index: by the builder, which makes a parameter of each value, or by hand. */
const BY_VALUE = [
  /\.onConflict\((?:(?!\.do(?:Nothing|Update))[^])*?\.where\(/g,
  /on conflict\s*\([^)]*\)\s*where\b(?:(?!\bdo\b)[^])*?\$\{/gi,
]

const named = (text: string) =>
  BY_VALUE.flatMap((pattern) => [...text.matchAll(pattern)].map(([found]) => found))

// Every statement has a name from its second use on. PostgreSQL plans the first five runs of a name with their values
// and the sixth without them; then it finds no index for `where kind = $2`, and the statement fails on this connection
// from then on (findings/postgres-on-conflict-sixth-time.sh). An index is named by its columns, or by a constant.
test('F14 no statement names a partial index by a value: it would fail from its sixth run on', () => {
  const wrong = [
    `.onConflict((on) => on.column('ref').where('kind', '=', 'paid').doNothing())`,
    'q`insert into payments … on conflict (ref) where kind = ${kind} do nothing`',
  ]
  expect(wrong.flatMap(named)).toHaveLength(2)
  const right = [
    `.onConflict((on) => on.column('ref').doUpdateSet(row).where('kind', '=', 'paid'))`,
    "q`insert into payments … on conflict (ref) where kind = 'paid' do update set at = ${at}`",
  ]
  expect(right.flatMap(named)).toEqual([])
  const statements = sources('src/**/*.ts').flatMap(({ path, text }) =>
    named(text).map((found) => `${path}: ${found}`),
  )
  expect(statements).toEqual([])
})

/** Predicates that name a partial index, in SQL by hand: of statements, and of functions in migrations. */
const predicates = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, found = '']) => found.replace(/\s+/g, ' ').trim())
const ASKED_FOR = /on conflict\s*\([^)]*\)\s*where\b([^]*?)\bdo\s+(?:nothing|update)/gi
const MADE = /create unique index[^;`]*?\)\s*where\b([^;`]*)/gi

// In a function of PL/pgSQL, `where kind = new.kind` and `where kind = as_kind` are values as well, and look like columns.
test('F14 each predicate that names a partial index is the predicate of such an index, word for word, also in functions of migrations', () => {
  const made = new Set(sources('migrations/*.ts').flatMap(({ text }) => predicates(text, MADE)))
  expect(made).toContain("state <> 'refused'")
  const unknown = (text: string) => predicates(text, ASKED_FOR).filter((one) => !made.has(one))
  const wrong = [
    'insert into payment_refunds values (new.id) on conflict (payment_id) where state <> new.state do nothing;',
    'insert into payment_refunds values (of) on conflict (payment_id)\n where kind = as_kind\n do update set at = now();',
  ]
  expect(wrong.flatMap(unknown)).toEqual(['state <> new.state', 'kind = as_kind'])
  const right = [
    "on conflict (payment_id) where state <>\n  'refused' do nothing",
    'on conflict do nothing; delete from payments where kind = new.kind; do $$ begin end $$',
    'on conflict (id) do update set state = excluded.state where payments.kind = excluded.kind',
  ]
  expect(right.flatMap(unknown)).toEqual([])
  const statements = sources('src/**/*.ts', 'migrations/*.ts').flatMap(({ path, text }) =>
    unknown(text).map((found) => `${path}: ${found}`),
  )
  expect(statements).toEqual([])
})
