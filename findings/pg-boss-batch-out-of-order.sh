#!/usr/bin/env bash
# pg-boss 12.38.0 on PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), pg 8.23.0.
# A good guess: `fetch(queue, { batchSize: 20 })` gives the jobs that twenty single calls would give, in the same order:
#   by priority, so the most urgent first. A handler may go through its list from the beginning.
# What happens: a batch holds the right jobs in no promised order; they come as the update that takes them finds them. A
#   handler that goes through its list does the urgent ones somewhere in the middle, and who needs the order of a chat has
#   to sort by hand. A fetched job does not tell its priority unless `includeMetadata` is asked for.
# Seen of jobs with priorities 0 to 4 in turn: one by one 4 4 4 ... 3 3 3 ...; in batches of twenty 3 4 3 4 ... and 1 2 1
#   2 ...
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg-boss@12.38.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { PgBoss } from 'pg-boss'

const boss = new PgBoss({ host: process.env.PGHOST, user: 'postgres', database: 'postgres' })
await boss.start()
/** The priorities of sixty jobs, in the order in which they are handed out. */
async function handedOut(queue, options) {
  await boss.createQueue(queue)
  for (let job = 0; job < 60; job++) await boss.send(queue, { priority: job % 5 }, { priority: job % 5 })
  const batches = []
  for (let got; (got = await boss.fetch(queue, options)).length; ) batches.push(got.map(({ data }) => data.priority))
  return batches
}
const seen = { single: (await handedOut('single')).flat(), batches: await handedOut('batches', { batchSize: 20 }) }
await boss.stop({ graceful: false })
for (const [name, list] of Object.entries(seen)) console.log(name, list.join(name === 'batches' ? ' | ' : ' '))
const sorted = (list) => list.toSorted((one, other) => other - one)
assert.deepEqual(seen.single, sorted(seen.single))
// The right jobs are in each batch.
assert.deepEqual(seen.batches.map(sorted).flat(), seen.single)
assert.notDeepEqual(seen.batches.flat(), seen.single)
process.exit()
JS
