#!/usr/bin/env bash
# @fastify/http-proxy 11.6.3 with the @fastify/reply-from 12.6.5 that it brings, fastify 5.12.8.
# A good guess: a server behind the proxy that answers a GET with 503 and `Retry-After: 1` is left alone for a second; the
#   proxy hands the answer on, or asks again after that second, as often as `maxRetriesOn503` says (10 by default).
# What happens: the seconds of the header are taken for milliseconds. Eleven requests go within a moment to a server that
#   has just said that it cannot cope, and then the client gets the 503. Without the header the pauses grow by chance up
#   to half a second: who asks for a pause is asked again sooner than who does not. A POST is sent once.
# Seen: 11 requests in 50 to 300 ms, where ten pauses of a second were asked for; without the header 11 in about a second.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install fastify@5.12.8 @fastify/http-proxy@11.6.3 @fastify/reply-from@12.6.5
script <<'JS'
import assert from 'node:assert/strict'
import http from 'node:http'
import proxy from '@fastify/http-proxy'
import Fastify from 'fastify'

let asked = 0
const busy = http.createServer((request, response) => {
  asked++
  response.writeHead(503, request.url === '/later' ? { 'retry-after': '1' } : {}).end()
})
await new Promise((resolve) => busy.listen(0, '127.0.0.1', resolve))
const app = Fastify()
await app.register(proxy, { upstream: `http://127.0.0.1:${busy.address().port}` })
await app.listen({ port: 0, host: '127.0.0.1' })
async function through(method, path) {
  asked = 0
  const began = performance.now()
  await fetch(`http://127.0.0.1:${app.server.address().port}${path}`, { method })
  return { asked, ms: Math.round(performance.now() - began) }
}
const seen = { later: await through('GET', '/later'), bare: await through('GET', '/'), post: await through('POST', '/later') }
console.log(seen)
assert.deepEqual([seen.later.asked, seen.bare.asked, seen.post.asked], [11, 11, 1])
assert(seen.later.ms < 5_000, 'ten pauses of a second take longer')
await app.close()
busy.close()
busy.closeAllConnections()
JS
