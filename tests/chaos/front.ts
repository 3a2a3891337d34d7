// A load balancer as a process: it passes each connection on to the first of several servers that takes the
// connection, in turn.
import { connect, createServer } from 'node:net'

const [port = '0', ...upstreams] = process.argv.slice(2)
let turn = 0

createServer((client) => {
  const first = turn++
  const tryNext = (tried: number): void => {
    if (tried === upstreams.length) return void client.destroy()
    const server = connect(Number(upstreams[(first + tried) % upstreams.length]), '127.0.0.1')
    server.once('error', () => tryNext(tried + 1))
    server.once('connect', () => {
      server.removeAllListeners('error')
      client.pipe(server).pipe(client)
      const end = () => {
        client.destroy()
        server.destroy()
      }
      for (const side of [client, server]) side.on('error', end).on('close', end)
    })
  }
  client.on('error', () => {})
  tryNext(0)
}).listen(Number(port), '127.0.0.1', () => console.log('ready'))
