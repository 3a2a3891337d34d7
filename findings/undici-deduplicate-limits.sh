#!/usr/bin/env bash
# undici 7.30.2, its interceptor `deduplicate`, over node:http.
# A good guess: callers who ask the same at the same time share one request, and each keeps the limit of time that it came
#   with. The request goes on as long as somebody wants its answer.
# What happens: the limit of the caller who came first is the limit of all. Who gave four seconds, or none, fails after its
#   500 ms with its error, though the answer was on its way. By `request` as by `fetch`.
# Seen: three times TimeoutError at one request; by fetch TimeoutError and two TypeErrors, at one request as well. A limit of
#   the later caller ends that caller alone, by fetch.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install undici@7.30.2
script <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { Agent, fetch, interceptors, request } from 'undici'

let requests = 0
const server = createServer((_, response) => {
  requests++
  setTimeout(() => response.end('rate'), 1500)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${server.address().port}/`

/** What callers with these limits get who ask at the same time, and of how many requests. */
async function ask(by, ...limits) {
  const dispatcher = new Agent().compose(interceptors.deduplicate())
  const before = requests
  const calls = limits.map(async (ms) => {
    const asked = await by(url, { dispatcher, signal: ms && AbortSignal.timeout(ms) })
    return asked.text?.() ?? asked.body.text()
  })
  const named = calls.map((call) => call.catch((error) => error.name))
  return [...(await Promise.all(named)), requests - before]
}
const seen = {
  request: { shortFirst: await ask(request, 500, 4000, undefined) },
  fetch: { shortFirst: await ask(fetch, 500, 4000, undefined), shortLater: await ask(fetch, undefined, 500) },
}
console.log(seen)
assert.deepEqual(seen, {
  request: { shortFirst: ['TimeoutError', 'TimeoutError', 'TimeoutError', 1] },
  fetch: { shortFirst: ['TimeoutError', 'TypeError', 'TypeError', 1], shortLater: ['rate', 'TimeoutError', 1] },
})
process.exit()
JS
