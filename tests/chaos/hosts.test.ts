import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventually } from '../lib/eventually.ts'
import { mountDisk } from './disk.ts'
import { hostsProblem, openHosts, placesOf } from './hosts.ts'
import { openLimit } from './memory.ts'
import { along } from './wire.ts'

const problem = await hostsProblem()

describe('hosts of a random run', () => {
  test('replicas of one role are on different hosts, however many hosts there are', () => {
    const names = ['gateway-1', 'gateway-2', 'bot-1', 'bot-2', 'billing-1', 'billing-2']
    for (const hosts of [2, 3, 5]) {
      const places = placesOf(names, hosts)
      for (const role of ['gateway', 'bot', 'billing'])
        expect(places.get(`${role}-1`)).not.toBe(places.get(`${role}-2`))
    }
  })

  test.skipIf(problem)(
    'a cut wire silently loses what is sent in the cut direction; once it is mended it loses nothing',
    async () => {
      const logs = await mkdtemp(join(tmpdir(), 'telekassa-hosts-'))
      /** What the server outside has received so far. */
      let heard = ''
      const sockets: Socket[] = []
      const server = createServer((socket) => {
        sockets.push(socket)
        socket
          .on('error', () => {})
          .on('data', (data) => {
            heard += String(data)
            socket.write(data)
          })
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const network = await openHosts([[]], [port], logs)
      try {
        const [host] = network.hosts
        // A process on the host sends what the test writes to it, and prints what it receives.
        const [command, ...args] = [...host!.inside, process.execPath, '-e', TALKER, String(port)]
        const talker = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
        let told = ''
        talker.stdout.on('data', (data) => (told += String(data)))
        const say = (word: string) => talker.stdin.write(word)
        say('a')
        await eventually(() => told === 'a')

        await host!.cut('in')
        say('b')
        await eventually(() => heard === 'ab')
        expect(told, 'the answer is lost').toBe('a')
        await host!.mend()
        await eventually(() => told === 'ab')

        await host!.cut('out')
        say('c')
        // The byte goes out while the other direction is cut: what the server sends must still arrive.
        sockets[0]!.write('d')
        await eventually(() => told === 'abd')
        expect(heard, 'nothing of it arrived').toBe('ab')
        await host!.mend()
        await eventually(() => heard === 'abc' && told === 'abdc')

        await host!.cut('all')
        say('e')
        await host!.mend()
        await eventually(() => told === 'abdce')

        // The carrier hears of it a moment later, so bytes are sent until one is late.
        host!.moveAway()
        let [there, back] = ['', 0]
        while (back < 200) {
          const sent = performance.now()
          there += 'f'
          say('f')
          await eventually(() => told === `abdce${there}`, { everyMs: 1 })
          back = performance.now() - sent
        }
        host!.moveAway()
        await eventually(() => /^[1-9]\d* pieces came late/.test(host!.felt()))
        talker.kill('SIGKILL')
      } finally {
        await network.close()
        for (const socket of sockets) socket.destroy()
        server.close()
        await rm(logs, { recursive: true, force: true })
      }
    },
  )
})

test('on a far wire no piece overtakes another, also when the first one is lost at first, and the end comes last', async () => {
  const wire = { far: true, late: 0, stalled: 0 }
  // The first piece is lost, the others are not: how late each is, whether it is lost, and for how long.
  const random = [0.5, 0.001, 0.05, 0.9, 0.5, 0.1, 0.5]
  const direction = along(wire, () => random.shift()!)
  const came: string[] = []
  direction.on('data', (piece) => came.push(String(piece)))
  for (const piece of ['a', 'b', 'c']) direction.write(piece)
  direction.end()
  await once(direction, 'end')
  expect(came).toEqual(['a', 'b', 'c'])
  expect(wire).toMatchObject({ late: 3, stalled: 1 })
})

test.skipIf(problem)(
  'a process of a host whose clock is apart sees another time of day, its full disk takes nothing more, and with too little memory the kernel kills it',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'telekassa-host-'))
    const disk = await mountDisk(join(folder, 'disk'))
    const limits = await openLimit()
    const clock = join(folder, 'clock')
    const preload = join(import.meta.dirname, 'clock.ts')
    await writeFile(clock, '90000')
    const child = spawn(process.execPath, ['--import', preload, '-e', TELLS_TIME], {
      env: { ...process.env, CLOCK_APART: clock },
    })
    try {
      let told = ''
      child.stdout.on('data', (data) => (told += String(data)))
      await eventually(() => told.endsWith('\n'))
      for (const time of JSON.parse(told) as number[])
        expect(Math.abs(time - 90_000 - Date.now())).toBeLessThan(60_000)

      const file = join(folder, 'disk', 'file')
      await writeFile(file, 'x'.repeat(5_000))
      await disk.fill()
      await expect(writeFile(`${file}2`, 'x'.repeat(50_000))).rejects.toThrow(/ENOSPC/)
      await disk.free()
      await writeFile(`${file}2`, 'x'.repeat(50_000))

      if (limits) {
        const [command, ...args] = [...limits.inside, process.execPath, '-e', TAKES]
        const [, signal] = (await once(spawn(command!, args), 'close')) as [unknown, NodeJS.Signals]
        expect(signal).toBe('SIGKILL')
      }
    } finally {
      child.kill('SIGKILL')
      await disk.remove()
      await limits?.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
)

const TAKES = 'for (const taken = []; taken.length < 64;) taken.push(Buffer.alloc(1024 * 1024, 1))'

/** Tells the time in three ways. */
const TELLS_TIME = 'console.log(JSON.stringify([Date.now(), new Date().getTime(), Date.parse(Date())]))'

const TALKER = `
const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1')
process.stdin.pipe(socket)
socket.pipe(process.stdout)
`
