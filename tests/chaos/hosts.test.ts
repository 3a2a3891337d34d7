import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventually } from '../lib/eventually.ts'
import { hostsProblem, openHosts, placesOf } from './hosts.ts'

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

const TALKER = `
const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1')
process.stdin.pipe(socket)
socket.pipe(process.stdout)
`
