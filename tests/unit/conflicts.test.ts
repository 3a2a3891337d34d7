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
