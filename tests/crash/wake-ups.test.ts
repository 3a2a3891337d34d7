import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bullNames } from '#shared/queue/queues.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { startCutProxy } from '../lib/cut-proxy.ts'
import { eventually } from '../lib/eventually.ts'
import { openStage, telegramMessage } from '../lib/puppets.ts'
import type { Stage } from '../lib/puppets.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

/** Nobody looks for jobs that wait, so a job whose wake-up is lost never runs. */
const NEVER = 3_600_000

describe.skipIf(!redisAvailable())('a process that waits for all partitions at once', () => {
  let stage: Stage
  let redis: Redis
  beforeEach(async () => {
    stage = await openStage(await redisUrl())
    redis = new Redis(stage.url)
  })
  afterEach(async () => {
    redis.disconnect()
    await stage.close()
  })

  const add = (chat: number, number: number, part = 'brief') =>
    stage.producer.add(telegramUpdate, telegramMessage(chat, number, part))
  const ended = async () => (await stage.log()).filter(({ what }) => what === 'end')
  const done = (count: number) =>
    eventually(async () => new Set((await ended()).map(({ key }) => key)).size === count, {
      what: `${count} updates are handled`,
    })
  const blocked = async () =>
    String(await redis.client('LIST'))
      .split('\n')
      .filter((line) => line.includes('cmd=bzpopmin') && line.includes(` db=${redis.options.db} `))
      .map((line) => /\bid=(\d+)/.exec(line)![1]!)
  const waits = (count: number) =>
    eventually(async () => (await blocked()).length === count, { what: `${count} processes wait` })
  const markers = bullNames('updates', 64).map((name) => `{test:${name}}:${name}:marker`)

  test('F117: misses no update of 64 partitions under mixed load, although nobody looks for what was missed', async () => {
    await Promise.all(['one', 'two'].map((name) => stage.puppet('updates', name, { lookMs: NEVER })))
    const parts = ['brief', 'brief', 'brief', 'brief', 'brief', 'transient-once', 'later-once', 'slow']
    const CHATS = 150
    const EACH = 10
    let sent = 0
    for (let number = 0; number < EACH; number++) {
      // A few updates come at a time, and all are done in between now and then, so that an update meets processes
      // which begin to wait.
      for (let chat = 1; chat <= CHATS; chat += 3) {
        const three = [chat, chat + 1, chat + 2]
        await Promise.all(three.map((one) => add(one, number, parts[(one * 7 + number) % parts.length])))
        sent += 3
      }
      if (number % 3 === 0) await done(sent)
    }
    await done(CHATS * EACH)
    const log = await stage.log()
    for (let chat = 1; chat <= CHATS; chat++) {
      const begun = new Set(
        log
          .filter(({ key, what }) => what === 'start' && Math.floor(Number(key) / 1_000) === chat)
          .map(({ key }) => Number(key) % 1_000),
      )
      expect([...begun], `chat ${chat}`).toEqual(Array.from({ length: EACH }, (_, number) => number))
    }
  })

  test('F117: takes an update whose wake-up went to a process that was killed before it took the update', async () => {
    const dead = new Redis(stage.url)
    // Redis wakes the client that it has kept waiting for the longest.
    const told = dead.bzpopmin(...markers, 0)
    await waits(1)
    await stage.puppet('updates', 'living')
    await waits(2)
    await add(1, 1)
    expect(await told).toBeTruthy()
    dead.disconnect()
    await done(1)
  })

  test('F117: takes every update while its connection is cut again and again', async () => {
    await stage.puppet('updates', 'cut')
    await waits(1)
    for (let round = 0; round < 20; round++) {
      const [id] = await eventually(async () => ((await blocked()).length > 0 ? blocked() : undefined))
      // The wake-up and the cut race, so now and then the wake-up is lost on the way.
      await Promise.all([add(round + 1, 1), redis.client('KILL', 'ID', id!), add(round + 101, 1)])
    }
    await done(40)
  })

  test('F117: takes every update after a connection that died without a word', async () => {
    const proxy = await startCutProxy(stage.url)
    await stage.puppet('updates', 'behind', { redisUrl: proxy.url })
    await waits(1)
    await add(1, 1)
    await done(1)
    proxy.be('frozen')
    await Promise.all(Array.from({ length: 30 }, (_, chat) => add(chat + 2, 1)))
    proxy.be('up')
    await done(31)
    await proxy.close()
  })

  test('F117: leaves no update behind when one of two is killed, at rest or at work', async () => {
    const [one, two] = await Promise.all([stage.puppet('updates', 'one'), stage.puppet('updates', 'two')])
    await waits(2)
    await one!.kill('SIGKILL')
    await Promise.all(Array.from({ length: 64 }, (_, chat) => add(chat + 1, 1)))
    await done(64)
    const three = await stage.puppet('updates', 'three')
    const sending = Promise.all(
      Array.from({ length: 200 }, (_, chat) => add((chat % 100) + 1, chat < 100 ? 2 : 3)),
    )
    await eventually(async () => (await ended()).length > 80)
    await three.kill('SIGKILL')
    await sending
    await done(264)
    await two!.kill('SIGTERM')
  })
})
