#!/usr/bin/env bash
# undici 8.12.4 (7.30.2 does the same), its interceptor `retry`.
# A good guess: an answer that breaks off in the middle is asked for anew. Its rest alone is asked for only where an ETag says
#   that it is the rest of the same text; else the call fails or starts from the beginning.
# What happens: without an ETag the rest is asked for all the same, and two texts are joined to one if the second is as long
#   as the first. A Last-Modified that differs does not matter, and no If-Range is sent, by which the server could
#   tell. The caller gets status 200 and a text that the server never had; as JSON it can be read.
# Seen: {"EUR":91.50,"CNY":11.20} breaks off in the middle, meanwhile both rates change, and the caller gets the old euro with
#   the new yuan. With an ETag it is "ETag mismatch".
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install undici@8.12.4
script <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { Agent, interceptors, request } from 'undici'

const texts = ['{"EUR":91.50,"CNY":11.20}', '{"EUR":98.70,"CNY":12.90}']
const middle = texts[0].indexOf(',')
let named
let asked = []
const server = createServer(({ headers }, response) => {
  const turn = asked.push(['range', 'if-range'].map((name) => headers[name] ?? '-').join(' ')) - 1
  const text = texts[Math.min(turn, 1)]
  for (const [name, values] of Object.entries(named)) response.setHeader(name, values[turn])
  if (turn === 0) {
    response.setHeader('content-length', text.length)
    response.write(text.slice(0, middle))
    setTimeout(() => response.destroy(), 50)
    return
  }
  const from = Number(/bytes=(\d+)-/.exec(headers.range)[1])
  response.writeHead(206, { 'content-range': `bytes ${from}-${text.length - 1}/${text.length}` })
  response.end(text.slice(from))
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${server.address().port}/`

/** What the caller gets whose first answer breaks off, and what the server was asked for. */
async function get(headers) {
  named = headers
  asked = []
  const dispatcher = new Agent().compose(interceptors.retry({ minTimeout: 50 }))
  const got = await request(url, { dispatcher })
    .then(async ({ body, statusCode }) => `${statusCode} ${await body.text()}`)
    .catch((error) => error.message)
  return [got, ...asked]
}
const rest = `bytes=${middle}-${texts[0].length - 1} -`
const seen = {
  nothing: await get({}),
  lastModified: await get({ 'last-modified': ['Mon, 30 Nov 2026 10:00:00 GMT', 'Mon, 30 Nov 2026 11:00:00 GMT'] }),
  etag: await get({ etag: ['"1"', '"2"'] }),
}
console.log(seen)
const joined = '200 {"EUR":91.50,"CNY":12.90}'
assert.deepEqual(seen, {
  nothing: [joined, '- -', rest],
  lastModified: [joined, '- -', rest],
  etag: ['ETag mismatch', '- -', rest],
})
process.exit()
JS
