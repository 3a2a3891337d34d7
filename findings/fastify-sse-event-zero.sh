#!/usr/bin/env bash
# @fastify/sse 0.6.0 on fastify 5.12.8.
# A good guess: events numbered from 0, as its README numbers them, reach the browser with the ids 0, 1, 2; and the text
#   'hello' arrives as hello, whichever way it is sent.
# What happens: the id 0 is left out (`retry: 0` as well), so a browser that has seen only the first event, or lost its
#   line right after it, comes back without a Last-Event-ID and is taken for a new one: `replay` is not called. And
#   `send('hello')` sends hello, `send({ data: 'hello' })` sends "hello" with its quotation marks.
# Seen: the bytes below.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install fastify@5.12.8 @fastify/sse@0.6.0
script <<'JS'
import assert from 'node:assert/strict'
import sse from '@fastify/sse'
import fastify from 'fastify'

const app = fastify()
await app.register(sse)
app.get('/numbers', { sse: 'only' }, async (_request, reply) => {
  await reply.sse.send(
    (async function* () {
      for (const id of [0, 1]) yield { id, data: id }
    })(),
  )
})
app.get('/texts', { sse: 'only' }, async (_request, reply) => {
  await reply.sse.send('hello')
  await reply.sse.send({ data: 'hello' })
})
const [numbers, texts] = [(await app.inject('/numbers')).body, (await app.inject('/texts')).body]
console.log({ numbers, texts })
assert.equal(numbers, 'data: 0\n\nid: 1\ndata: 1\n\n')
assert.equal(texts, 'data: hello\n\ndata: "hello"\n\n')
await app.close()
JS
