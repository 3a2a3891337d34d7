#!/usr/bin/env bash
# undici 8.12.4 (7.30.2 does the same), its interceptor `cache`.
# A good guess: an answer with an ETag whose time is over is asked about with If-None-Match. The server says 304, and the stored
#   answer is fresh again: as long as nothing changes, its text is sent once.
# What happens: a 304 is answered from the store and empties it. The next request goes out without If-None-Match and gets
#   the whole text again, also within the time that the 304 has just granted. With `no-cache`, where every use has to ask,
#   every second answer is sent in full.
# Seen: eight requests, four whole texts and four 304 with `no-cache`; with `max-age=60` after a first answer of no time the text
#   is sent twice, and then kept.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install undici@8.12.4
script <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { Agent, interceptors, request } from 'undici'

let granted
let answers = []
const server = createServer((asked, response) => {
  const known = asked.headers['if-none-match'] === '"1"'
  response.writeHead(known ? 304 : 200, { etag: '"1"', 'cache-control': answers.length === 0 ? 'max-age=0' : granted })
  response.end(known ? undefined : 'the list of prices')
  answers.push(known ? 304 : 200)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${server.address().port}/`

/** What the server answers to eight requests, one after the other. */
async function eight(cacheControl) {
  granted = cacheControl
  answers = []
  const dispatcher = new Agent().compose(interceptors.cache())
  for (let turn = 0; turn < 8; turn++) {
    const { body, statusCode } = await request(url, { dispatcher })
    assert.deepEqual([statusCode, await body.text()], [200, 'the list of prices'])
  }
  return answers.join(' ')
}
const seen = { ask: await eight('no-cache'), keep: await eight('max-age=60') }
console.log(seen)
assert.deepEqual(seen, { ask: '200 304 200 304 200 304 200 304', keep: '200 304 200' })
process.exit()
JS
