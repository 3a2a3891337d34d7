import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** A balancer before several gateways: each connection goes to the next gateway that takes it. */
export async function startBalancer() {
  const ports = new Set<number>()
  const sockets = new Set<Socket>()
  let turn = 0
  const server = createServer((client) => {
    sockets.add(client)
    client.on('close', () => sockets.delete(client))
    client.on('error', () => client.destroy())
    const order = [...ports]
    turn += 1
    const attempt = (left: number): void => {
      const port = order[(turn + left) % order.length]
      if (left === 0 || port === undefined) return void client.destroy()
      const gateway = connect(port, '127.0.0.1')
      gateway.once('error', () => attempt(left - 1))
      gateway.once('connect', () => {
        gateway.removeAllListeners('error')
        gateway.on('error', () => client.destroy())
        gateway.on('close', () => client.end())
        client.on('close', () => gateway.destroy())
        client.pipe(gateway).pipe(client)
      })
    }
    attempt(order.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ports,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
