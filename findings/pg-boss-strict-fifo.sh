#!/usr/bin/env bash
# pg-boss 12.38.0 on PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), pg 8.23.0.
# A good guess: the policy `key_strict_fifo` is the strict one: jobs of one key are handed out in the order in which they
#   were sent, at least as well as by the policy `standard`, which promises no order.
# What happens: the strict policy sorts the jobs of a key by the time of their creation and then by their id, a random
#   UUID. One `insert` and one transaction have one time for all their jobs, so those come in an order by chance, whichever
#   worker asks. The standard policy sorts by the time only, and its index gives equal times in the order of insertion. Jobs
#   that are sent in transactions of their own are in order under both. An id that grows, like uuidv7, given with each job
#   brings the order back.
# Seen of twelve jobs of a key, by one `insert` and by `send` within a transaction: standard 0 1 2 ... 11; strict 5 0 1 9 3
#   6 ... and another order with each run; strict with ids of uuidv7 0 1 2 ... 11.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg-boss@12.38.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'
import { PgBoss } from 'pg-boss'

const boss = new PgBoss({ host: process.env.PGHOST, user: 'postgres', database: 'postgres' })
await boss.start()
const client = new pg.Client()
await client.connect()
const inOrder = [...Array(12).keys()]

/** The jobs of a queue one after the other, each done before the next is asked for. */
async function handedOut(queue) {
  const numbers = []
  for (let job; ([job] = await boss.fetch(queue)), job; await boss.complete(queue, job.id)) numbers.push(job.data.number)
  return numbers
}
const bySend = {
  /** All jobs in one `insert`. */
  insert: (queue) => boss.insert(queue, inOrder.map((number) => ({ singletonKey: 'chat', data: { number } }))),
  /** A `send` for each within a transaction, as an outbox does. */
  async transaction(queue) {
    const db = { executeSql: (text, values) => client.query(text, values) }
    await client.query('begin')
    for (const number of inOrder) await boss.send(queue, { number }, { singletonKey: 'chat', db })
    await client.query('commit')
  },
  async alone(queue) {
    for (const number of inOrder) await boss.send(queue, { number }, { singletonKey: 'chat' })
  },
  async growing(queue) {
    const { rows } = await client.query(`select uuidv7() as id from generate_series(1, ${inOrder.length})`)
    const ids = rows.map(({ id }) => id).sort()
    await boss.insert(queue, inOrder.map((number) => ({ id: ids[number], singletonKey: 'chat', data: { number } })))
  },
}
const seen = {}
for (const policy of ['standard', 'key_strict_fifo'])
  for (const [name, send] of Object.entries(bySend)) {
    const queue = `${policy}-${name}`
    await boss.createQueue(queue, { policy })
    await send(queue)
    seen[queue] = await handedOut(queue)
  }
await client.end()
await boss.stop({ graceful: false })
for (const [name, numbers] of Object.entries(seen)) console.log(name.padEnd(27), numbers.join(' '))
const sent = inOrder.join(' ')
for (const [name, numbers] of Object.entries(seen)) {
  assert.deepEqual(numbers.toSorted((one, other) => one - other), inOrder, name)
  const byChance = name === 'key_strict_fifo-insert' || name === 'key_strict_fifo-transaction'
  assert.equal(numbers.join(' ') !== sent, byChance, name)
}
process.exit()
JS
