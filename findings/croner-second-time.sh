#!/usr/bin/env bash
# croner 11.0.1, beside cron-parser 5.10.6 (5.10.3 is in bullmq 6.7.0).
# A good guess: what happens to 02:30 in the night when clocks change is one rule, and naming a further hour or minute in
#   the same pattern adds runs and takes none away.
# What happens: croner runs `30 2 * * *` once in both nights. With a second hour or minute in the pattern the rule is
#   another one: 02:30 is left out in spring and runs twice in autumn. `15,30 2 * * *` has no run at all in spring, four
#   in autumn. cron-parser moves the time that does not exist by an hour and never runs a named hour twice, however many
#   there are; the two agree on a single time in autumn only.
# Seen: the lists below, for Berlin in 2026.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install croner@11.0.1 cron-parser@5.10.6
script <<'JS'
import assert from 'node:assert/strict'
import { Cron } from 'croner'
import { CronExpressionParser } from 'cron-parser'

const timezone = 'Europe/Berlin'
const clock = (date) => date.toLocaleTimeString('de', { timeZone: timezone, hour: '2-digit', minute: '2-digit' })
/** The runs of both between midnight and 05:00. */
function nightOf(day, pattern) {
  const [from, to] = [new Date(`${day}T00:00:00+0${day.includes('-03-') ? 1 : 2}:00`), new Date(`${day}T05:00:00+0${day.includes('-03-') ? 2 : 1}:00`)]
  const just = new Date(from - 1)
  const croner = []
  const cron = new Cron(pattern, { timezone, paused: true })
  for (let at = cron.nextRun(just); at < to; at = cron.nextRun(at)) croner.push(clock(at))
  const parser = []
  const times = CronExpressionParser.parse(pattern, { tz: timezone, currentDate: just })
  for (let at = times.next().toDate(); at < to; at = times.next().toDate()) parser.push(clock(at))
  return { croner: croner.join(' '), parser: parser.join(' ') }
}
const expected = {
  '2026-03-29': {
    '30 2 * * *': { croner: '03:00', parser: '03:30' },
    '30 2,4 * * *': { croner: '04:30', parser: '03:30 04:30' },
    '15,30 2 * * *': { croner: '', parser: '03:15 03:30' },
  },
  '2026-10-25': {
    '30 2 * * *': { croner: '02:30', parser: '02:30' },
    '30 2,4 * * *': { croner: '02:30 02:30 04:30', parser: '02:30 04:30' },
    '15,30 2 * * *': { croner: '02:15 02:30 02:15 02:30', parser: '02:15 02:30' },
  },
}
for (const [day, patterns] of Object.entries(expected))
  for (const [pattern, runs] of Object.entries(patterns)) {
    const seen = nightOf(day, pattern)
    console.log(day, pattern, seen)
    assert.deepEqual(seen, runs)
  }
JS
