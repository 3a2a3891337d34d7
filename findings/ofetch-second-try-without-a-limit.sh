#!/usr/bin/env bash
# ofetch 1.5.1.
# A good guess: `timeout: 300` with retries limits each try, or all of them together: a call ends within 300 ms, or within 300
#   ms times the number of tries.
# What happens: the first try makes the signal and the timer, the second finds the signal among its options and makes none;
#   the timer was cleared when the first try ended. So after a quick 503, which is what retries are for, the second try has no
#   limit at all: it waits as long as the server is silent. After a try that was too slow the signal is aborted already, so
#   the next tries never reach the server. GET has one retry without being asked, so `timeout` alone is enough.
# Seen with a limit of 300 ms: a 503 and then an answer after 2 s: the call ends well after 2 s, as a success; first answer
#   after 2 s, `retry: 3`: one request at the server, TimeoutError. With `retry: 0` and tries of one's own each has its limit.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install ofetch@1.5.1
script <<'JS'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { ofetch } from 'ofetch'

let requests = 0
let quickly = true
const slowly = []
const server = createServer((_, response) => {
  requests++
  if (quickly && requests === 1) response.writeHead(503).end()
  else slowly.push(setTimeout(() => response.end('paid'), 2000))
}).listen(0, '127.0.0.1')
await once(server, 'listening')

/** How a call with a limit of 300 ms ends, where only the first answer may be quick, a 503. */
async function call(firstIsQuick, options) {
  requests = 0
  quickly = firstIsQuick
  const began = performance.now()
  const said = await ofetch(`http://127.0.0.1:${server.address().port}`, { timeout: 300, ...options }).catch(
    (error) => error.cause?.name ?? error.message)
  return { said, requests, longerThanAllLimits: performance.now() - began > 1900 }
}
const seen = {
  'quick 503, then slow': await call(true),
  'quick 503, then slow, POST': await call(true, { method: 'POST', retry: 3 }),
  'always slow': await call(false, { retry: 3 }),
  'always slow, without retries': await call(false, { retry: 0 }),
}
slowly.forEach(clearTimeout)
server.closeAllConnections()
server.close()
console.log(seen)
assert.deepEqual(seen, {
  'quick 503, then slow': { said: 'paid', requests: 2, longerThanAllLimits: true },
  'quick 503, then slow, POST': { said: 'paid', requests: 2, longerThanAllLimits: true },
  'always slow': { said: 'TimeoutError', requests: 1, longerThanAllLimits: false },
  'always slow, without retries': { said: 'TimeoutError', requests: 1, longerThanAllLimits: false },
})
JS
