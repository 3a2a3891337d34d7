// Carries connections between a host and the servers outside:
// `node carrier.ts 127.0.0.1:5432=10.70.1.1:5432 …`. Programs on either side keep the addresses that they know, and
// the run can cut the wire between both sides. SIGUSR2 makes the wire a far one, and a near one again.
import { connect, createServer } from 'node:net'
import { along } from './wire.ts'

const [, , ...ways] = process.argv
const endOf = (text: string) => {
  const [host = '', port = ''] = text.split(':')
  return { host, port: Number(port) }
}
const wire = { far: false, late: 0, stalled: 0 }
process.on('SIGUSR2', () => {
  wire.far = !wire.far
  if (!wire.far) console.log(`${wire.late} pieces came late, ${wire.stalled} of them lost at first`)
  wire.late = wire.stalled = 0
})
await Promise.all(
  ways.map(async (way) => {
    const [here, there] = way.split('=').map(endOf)
    // What is still on the wire arrives although its sender has ended, so each direction ends by itself.
    const server = createServer({ allowHalfOpen: true }, (client) => {
      const beyond = connect({ ...there!, allowHalfOpen: true })
      const end = () => {
        client.destroy()
        beyond.destroy()
      }
      for (const side of [client, beyond]) side.setNoDelay(true).on('error', end)
      client.pipe(along(wire)).pipe(beyond).pipe(along(wire)).pipe(client)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(here!, resolve)
    })
  }),
)
console.log('ready')
