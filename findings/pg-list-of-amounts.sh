#!/usr/bin/env bash
# pg 8.23.0 with the pg-types that it brings, on PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: pg gives `numeric` as text, because a JavaScript number cannot hold it, so a list of it is a list of
#   texts; and `setTypeParser` for a type holds for lists of that type as well.
# What happens: numeric[] is a list of JavaScript numbers, so `array_agg(amount)` rounds what `amount` beside it keeps.
#   bigint[] is a list of texts, and stays one when bigint has the parser BigInt: the same id is 7n in a column and '7' in
#   a list, never equal. Dates in lists do not follow their parser either. postgres.js 3.4.9 gives texts in both.
# Seen: '12345678901234567.89' and [12345678901234568]; with parsers of one's own 7n and ['7'].
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 postgres@3.4.9 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'
import postgres from 'postgres'

const text = `select amount, array_agg(amount) as amounts, id, array_agg(id) as ids, at, array_agg(at) as times
  from (values ('12345678901234567.89'::numeric, '7'::bigint, '2026-11-30 10:00:00.123456+00'::timestamptz)) as sale (amount, id, at)
  group by amount, id, at`
const client = new pg.Client()
await client.connect()
await client.query('set timezone to utc')
const row = async () => (await client.query(text)).rows[0]
const usual = await row()
const parsers = [[1700, (value) => `exactly ${value}`], [20, BigInt], [1184, (value) => value]]
for (const [oid, parser] of parsers) pg.types.setTypeParser(oid, parser)
const own = await row()
await client.end()
const tagged = postgres({ max: 1 })
const [{ amount, amounts }] = await tagged.unsafe(text)
await tagged.end()
console.log(usual, own, { amount, amounts })
const sale = '12345678901234567.89'
const time = new Date('2026-11-30T10:00:00.123Z')
assert.deepEqual(usual, { amount: sale, amounts: [Number(sale)], id: '7', ids: ['7'], at: time, times: [time] })
assert.deepEqual(own, {
  amount: `exactly ${sale}`,
  amounts: [Number(sale)],
  id: 7n,
  ids: ['7'],
  at: '2026-11-30 10:00:00.123456+00',
  times: [time],
})
assert.deepEqual({ amount, amounts }, { amount: sale, amounts: [sale] })
JS
