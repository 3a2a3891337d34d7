#!/usr/bin/env bash
# axios 1.21.1 on Node 24.21.0, its adapters `http` (what Node gets) and `fetch`.
# A good guess: `timeout: 300` ends a call that has no whole answer after 300 ms, by whichever adapter, and with one code.
# What happens: with `http` the time starts anew at each byte: an answer that trickles for as long as it likes is waited
#   for and then taken. With `fetch` the call ends after 300 ms. A server that says nothing at all ends both, as
#   ECONNABORTED in one and ETIMEDOUT in the other, so code that looks at the code changes its mind with the adapter.
#   `signal: AbortSignal.timeout(300)` ends both.
# Seen: http gives the answer after 1.5 s, fetch ETIMEDOUT after 0.3 s; with the signal ERR_CANCELED twice.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install axios@1.21.1
script <<'JS'
import assert from 'node:assert/strict'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import axios from 'axios'

const server = http.createServer(async (request, response) => {
  if (request.url === '/silent') return
  response.writeHead(200, { 'content-type': 'application/json' })
  for (const byte of '{"paid": "yes"}') {
    response.write(byte)
    await sleep(100)
  }
  response.end()
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const call = (path, options) =>
  axios.get(`http://127.0.0.1:${server.address().port}${path}`, options).then(({ data }) => data.paid, ({ code }) => code)
const seen = {}
for (const adapter of ['http', 'fetch']) {
  seen[adapter] = [
    await call('/trickle', { adapter, timeout: 300 }),
    await call('/silent', { adapter, timeout: 300 }),
    await call('/trickle', { adapter, signal: AbortSignal.timeout(300) }),
  ]
}
console.log(seen)
assert.deepEqual(seen, {
  http: ['yes', 'ECONNABORTED', 'ERR_CANCELED'],
  fetch: ['ETIMEDOUT', 'ETIMEDOUT', 'ERR_CANCELED'],
})
server.closeAllConnections()
server.close()
JS
