// Carries connections between a host and the servers outside:
// `node carrier.ts 127.0.0.1:5432=10.70.1.1:5432 …`. Programs on either side keep the addresses that they know, and
// the run can cut the wire between both sides.
import { connect, createServer } from 'node:net'

const [, , ...ways] = process.argv
const endOf = (text: string) => {
  const [host = '', port = ''] = text.split(':')
  return { host, port: Number(port) }
}
await Promise.all(
  ways.map(async (way) => {
    const [here, there] = way.split('=').map(endOf)
    const server = createServer((client) => {
      const beyond = connect(there!)
      const end = () => {
        client.destroy()
        beyond.destroy()
      }
      for (const side of [client, beyond]) side.setNoDelay(true).on('error', end).on('close', end)
      client.pipe(beyond).pipe(client)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(here!, resolve)
    })
  }),
)
console.log('ready')
