#!/usr/bin/env bash
# agenda 6.2.6 with @agendajs/postgres-backend 3.0.6 on PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), pg 8.23.0.
# A good guess: a job that is `unique` by an account and is saved anew while it runs, with newer data and a moment to run at,
#   runs once more after it; with `debounce`, whose trailing kind promises the last word, all the more.
# What happens: `save` writes the newer data and the moment into the row of the job that runs. When that run ends, it writes
#   the state that it holds in memory, and that has no next moment. So the second run never comes, no error is seen, and the
#   row tells of a finished job with the newer data, which no run was given. What is saved after the end of the run runs.
# Seen: version 2 saved during the run of version 1, with `schedule` and with `debounce`: one run, of version 1, though the
#   row had a next moment before the run ended; version 3, saved after the end, runs.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install agenda@6.2.6 @agendajs/postgres-backend@3.0.6 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { PostgresBackend } from '@agendajs/postgres-backend'
import { Agenda } from 'agenda'
import pg from 'pg'

const pool = new pg.Pool()
const agenda = new Agenda({ backend: new PostgresBackend({ pool }), processEvery: 50 })
async function until(holds) {
  for (let tries = 0; tries < 400; tries++) {
    if (await holds()) return
    await sleep(25)
  }
  throw new Error('it does not come to this: ' + holds)
}
const runs = { schedule: [], debounce: [] }
const open = {}
agenda.define('sync', async ({ attrs: { data } }) => {
  runs[data.account].push(data.version)
  if (data.version === 1) await new Promise((resolve) => (open[data.account] = resolve))
})
await agenda.start()

/** One row per account; `schedule` asks for a run at once, `debounce` for one after 100 ms of silence. */
function ask(account, version) {
  const job = agenda.create('sync', { account, version }).unique({ 'data.account': account })
  return (account === 'debounce' ? job.debounce(100) : job.schedule(new Date())).save()
}
const row = async (account) => {
  const { rows } = await pool.query(`select * from agenda_jobs where data->>'account' = $1`, [account])
  assert.equal(rows.length, 1)
  return rows[0]
}
const seen = {}
for (const account of ['schedule', 'debounce']) {
  await ask(account, 1)
  await until(() => open[account])
  await ask(account, 2)
  const during = await row(account)
  open[account]()
  await until(async () => (await row(account)).last_finished_at)
  // Forty times the interval in which jobs are looked for.
  await sleep(2000)
  const after = await row(account)
  const runsSoFar = runs[account].join(' ')
  await ask(account, 3)
  await until(() => runs[account].includes(3))
  seen[account] = {
    during: `version ${during.data.version}, ${during.next_run_at ? 'will run' : 'will not run'}`,
    after: `version ${after.data.version}, ${after.next_run_at ? 'will run' : 'will not run'}, failed: ${after.failed_at}`,
    runsSoFar,
    runs: runs[account].join(' '),
  }
}
await agenda.stop()
await pool.end()
console.log(seen)
const each = {
  during: 'version 2, will run',
  after: 'version 2, will not run, failed: null',
  runsSoFar: '1',
  runs: '1 3',
}
assert.deepEqual(seen, { schedule: each, debounce: each })
process.exit()
JS
