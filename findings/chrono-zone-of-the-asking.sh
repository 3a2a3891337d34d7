#!/usr/bin/env bash
# chrono-node 2.10.3.
# A good guess: with a reference of an instant and a zone (`{ instant, timezone: 'CET' }`) "24 December at 10:00" is ten o'clock
#   as it will be shown there on that day. The library knows when the clocks change: "24 December at 10:00 CET" is right.
# What happens: the zone of the reference becomes one offset, that of the moment of asking, and holds for all dates of the
#   text. What is asked in July for December comes an hour early, what is asked in November for July an hour late, and on
#   the eve of a change "tomorrow" is enough. Only a zone within the text is looked up at its own date.
# Seen: an hour off for CET, ET and PT, on any machine; right as soon as the same three letters stand in the text.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install chrono-node@2.10.3
script <<'JS'
import assert from 'node:assert/strict'
import * as chrono from 'chrono-node'

const zones = { CET: 'Europe/Berlin', ET: 'America/New_York', PT: 'America/Los_Angeles' }
/** What a clock there shows at `date`. */
const clock = (date, zone) => date.toLocaleTimeString('en-GB', { timeZone: zones[zone], hour: '2-digit', minute: '2-digit' })
const cases = [
  ['2026-07-15T12:00:00Z', '24 December at 10:00'],
  ['2026-11-30T12:00:00Z', '4 July 2027 at 10:00'],
  ['2026-10-24T12:00:00Z', 'tomorrow at 10:00'],
]
const seen = {}
for (const TZ of ['UTC', 'Europe/Moscow', 'America/New_York']) {
  process.env.TZ = TZ
  for (const [asked, text] of cases)
    for (const timezone of Object.keys(zones)) {
      const reference = { instant: new Date(asked), timezone }
      const told = [text, `${text} ${timezone}`].map((one) => clock(chrono.parseDate(one, reference), timezone))
      const key = `${asked.slice(0, 10)} ${timezone} ${text}`
      // The same whatever the zone of the machine is.
      if (seen[key]) assert.deepEqual(told, seen[key])
      seen[key] = told
    }
}
console.table(seen)
assert.deepEqual(seen, {
  '2026-07-15 CET 24 December at 10:00': ['09:00', '10:00'],
  '2026-07-15 ET 24 December at 10:00': ['09:00', '10:00'],
  '2026-07-15 PT 24 December at 10:00': ['09:00', '10:00'],
  '2026-11-30 CET 4 July 2027 at 10:00': ['11:00', '10:00'],
  '2026-11-30 ET 4 July 2027 at 10:00': ['11:00', '10:00'],
  '2026-11-30 PT 4 July 2027 at 10:00': ['11:00', '10:00'],
  '2026-10-24 CET tomorrow at 10:00': ['09:00', '10:00'],
  // America changes its clocks a week later.
  '2026-10-24 ET tomorrow at 10:00': ['10:00', '10:00'],
  '2026-10-24 PT tomorrow at 10:00': ['10:00', '10:00'],
})
JS
