#!/usr/bin/env bash
# openworkflow 0.10.1 on PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: a run that sleeps half a second in a step goes on about then; where all workers are busy, it waits for its turn
#   among those that wait, by the moment at which each may go on. What was asked for later comes later.
# What happens: runs that were never begun are claimed first, whenever they came; a run that wakes up is claimed only where
#   none of those is left. So on workers that always find something new, begun runs do not go on at all: a refund of a
#   minute's delay waits for the first quiet moment, be that at night. Nothing tells of it, its state is `running`.
# Seen, one worker and thirty short runs, each of which asks for another at its beginning: the run that sleeps 500 ms goes on
#   after the last of the thirty, also after all those (about twenty-five) that were asked for when its moment had passed.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install openworkflow@0.10.1 postgres@3.4.9 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { OpenWorkflow } from 'openworkflow'
import { BackendPostgres } from 'openworkflow/postgres'

// The socket and the user come from PGHOST and PGUSER.
const backend = await BackendPostgres.connect('postgres:///postgres')
const ow = new OpenWorkflow({ backend })
const done = []
let due = Infinity
const refund = ow.defineWorkflow({ name: 'refund' }, async ({ step }) => {
  await step.run({ name: 'moment' }, () => {
    due = Date.now() + 500
  })
  await step.sleep('wait', '500ms')
  await step.run({ name: 'pay' }, () => {
    done.push('refund')
  })
})
let asked = 0
let askedWhenDue = 0
async function ask() {
  if (asked === 30) return
  asked++
  if (Date.now() > due) askedWhenDue++
  await sale.run()
}
const sale = ow.defineWorkflow({ name: 'sale' }, async ({ step }) => {
  await step.run({ name: 'sell' }, async () => {
    await ask()
    await sleep(30)
    done.push('sale')
  })
})
const worker = ow.newWorker({ concurrency: 1 })
await refund.run()
await worker.start()
while (due === Infinity) await sleep(5)
for (let run = 0; run < 3; run++) await ask()
for (let tries = 0; !done.includes('refund') && tries < 2000; tries++) await sleep(50)
const place = done.indexOf('refund')
await worker.stop()
await backend.stop()
console.log({ 'sales before the refund': place, 'of those asked for when it was due': askedWhenDue })
assert.equal(place, 30)
assert.ok(askedWhenDue >= 10)
process.exit()
JS
