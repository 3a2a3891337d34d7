import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { afterEach, expect } from 'vitest'
import type { Redis } from 'ioredis'
import { redisClient } from '#shared/queue/redis-address.ts'
import { eventually } from '../lib/eventually.ts'
import { startPrivateRedis, testOnRedis as test } from '../lib/redis.ts'

// A Sentinel tells of a new primary at the very moment in which a client that has lost the old one asks for it.

const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/**
 * The commands in these bytes, each as its words in lower case: `*2\r
 * $4\r
 * INFO\r
 * …`.
 */
function readCommands(bytes: string): string[][] {
  const commands = bytes.split(/^\*\d+\r\n/m).filter(Boolean)
  return commands.map((command) =>
    command
      .toLowerCase()
      .split('\r\n')
      .filter((_, at) => at % 2 === 1),
  )
}

/** A Sentinel whose answers wait while `hold` is set, and whose news goes out when the test says so. */
async function startSentinel(primaryPort: number) {
  const state = { hold: false, asked: 0, held: [] as (() => void)[], followers: new Set<Socket>() }
  const sockets = new Set<Socket>()
  const answers: Record<string, (socket: Socket) => void> = {
    hello: (socket) => socket.write('-NOPROTO this Sentinel speaks the second protocol only\r\n'),
    'get-master-addr-by-name': (socket) => {
      const answer = () => socket.write(`*2\r\n${bulk('127.0.0.1')}${bulk(String(primaryPort))}`)
      state.asked++
      if (state.hold) state.held.push(answer)
      else answer()
    },
    sentinels: (socket) => socket.write('*0\r\n'),
    subscribe: (socket) => {
      state.followers.add(socket)
      socket.write(`*3\r\n${bulk('subscribe')}${bulk('+switch-master')}:1\r\n`)
    },
    info: (socket) => socket.write(bulk('redis_mode:sentinel\r\n')),
  }
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => state.followers.delete(socket)))
    socket.on('data', (data) => {
      for (const words of readCommands(data.toString())) {
        const known = words.slice(0, 2).find((word) => word in answers)
        if (known) answers[known]!(socket)
        else socket.write('-ERR unknown command\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return {
    state,
    port: (server.address() as AddressInfo).port,
    tell() {
      const news = 'shop 127.0.0.1 1 127.0.0.1 2'
      for (const socket of state.followers)
        socket.write(`*3\r\n${bulk('message')}${bulk('+switch-master')}${bulk(news)}`)
    },
  }
}

async function follow(): Promise<{
  client: Redis
  sentinel: Awaited<ReturnType<typeof startSentinel>>
  other: Awaited<ReturnType<typeof startSentinel>>
  lose: () => void
}> {
  const primary = await startPrivateRedis()
  closing.push(() => primary.stop())
  const start = () => startSentinel(Number(new URL(primary.url).port))
  const [sentinel, other] = [await start(), await start()]
  const client = redisClient(`redis+sentinel://127.0.0.1:${sentinel.port},127.0.0.1:${other.port}/shop`, {
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  }).on('error', () => {})
  closing.push(() => client.disconnect())
  expect(await client.ping()).toBe('PONG')
  await eventually(() => sentinel.state.followers.size === 1)
  const lose = () => (client as unknown as { stream: Socket }).stream.destroy()
  return { client, sentinel, other, lose }
}

test('F29 a client that asks for the primary while the news of a new one comes goes on', async () => {
  const { client, sentinel, lose } = await follow()
  sentinel.state.hold = true
  lose()
  await eventually(() => sentinel.state.held.length > 0)
  sentinel.tell()
  // The client gives up its subscription when it has read the news.
  await eventually(() => sentinel.state.followers.size === 0)
  sentinel.state.hold = false
  for (const answer of sentinel.state.held) answer()
  expect(await client.ping()).toBe('PONG')
})

test('F29 the news alone leads to a new question, and a client that is told to end ends', async () => {
  const { client, sentinel } = await follow()
  const { asked } = sentinel.state
  sentinel.tell()
  await eventually(() => sentinel.state.asked > asked)
  expect(await client.ping()).toBe('PONG')
  client.disconnect()
  await eventually(() => client.status === 'end')
})

test('F29 a Sentinel that is silent keeps nobody from asking the other one', async () => {
  const { client, sentinel, other, lose } = await follow()
  const asked = other.state.asked
  sentinel.state.hold = true
  lose()
  expect(await client.ping()).toBe('PONG')
  expect(sentinel.state.held).toHaveLength(1)
  expect(other.state.asked).toBe(asked + 1)
})
