#!/usr/bin/env bash
# ioredis 6.0.0 with failoverDetector, which listens to the Sentinels for the news of a new primary.
# A good guess: the news makes a client that follows an old primary ask again; one that has lost the old primary and asks
#   already has nothing to do for it, and goes on with the answer, as its retryStrategy says.
# What happens: the news that comes while the client asks ends it for good, with "Connection is closed." and without a
#   retry. A primary that dies brings both at once: clients lose it, ask, and hear of its successor. Without
#   failoverDetector the client goes on.
# Seen: the states below, of one client with the detector and one without it.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install ioredis@6.0.0
script <<'JS'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'

// Says OK to whatever a client says to a primary: enough for its greeting, with the second protocol.
const primary = createServer((socket) => {
  socket.on('error', () => {}).on('data', (data) => {
    for (const _ of data.toString().matchAll(/^\*/gm)) socket.write('+OK\r\n')
  })
}).listen(0, '127.0.0.1')
await once(primary, 'listening')
const bulk = (text) => `$${text.length}\r\n${text}\r\n`
const list = (...texts) => `*${texts.length}\r\n${texts.map(bulk).join('')}`

async function follow(failoverDetector) {
  let answer = () => {}
  let asked = false
  let follower
  const lost = { yet: false }
  const sentinel = createServer((socket) => {
    socket.on('error', () => {}).on('data', (data) => {
      const said = data.toString().toLowerCase()
      if (said.includes('subscribe')) {
        follower = socket
        socket.write(`*3\r\n${bulk('subscribe')}${bulk('+switch-master')}:1\r\n`)
      } else if (said.includes('get-master-addr')) {
        answer = () => socket.write(list('127.0.0.1', String(primary.address().port)))
        asked = lost.yet
        if (!lost.yet) answer()
      } else if (said.includes('sentinels')) socket.write('*0\r\n')
      else for (const _ of said.matchAll(/^\*/gm)) socket.write('+OK\r\n')
    })
  }).listen(0, '127.0.0.1')
  await once(sentinel, 'listening')
  const client = new Redis({
    sentinels: [{ host: '127.0.0.1', port: sentinel.address().port }],
    name: 'shop',
    protocol: 2,
    enableReadyCheck: false,
    retryStrategy: () => 20,
    failoverDetector,
  }).on('error', () => {})
  await once(client, 'ready')
  const until = async (what) => {
    while (!what()) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await until(() => follower || !failoverDetector)
  lost.yet = true
  client.stream.destroy()
  await until(() => asked)
  follower?.write(list('message', '+switch-master', 'shop 127.0.0.1 1 127.0.0.1 2'))
  // A client that has read the news drops its subscription.
  if (follower) await until(() => follower.readableEnded || follower.destroyed)
  lost.yet = false
  answer()
  await until(() => ['ready', 'end'].includes(client.status))
  return client.status
}

const seen = { 'with the detector': await follow(true), 'without it': await follow(false) }
console.log(seen)
assert.deepEqual(seen, { 'with the detector': 'end', 'without it': 'ready' })
process.exit()
JS
