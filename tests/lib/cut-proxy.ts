import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export interface CutProxy {
  url: string
  /**
   * Cuts the connection that sends these bytes, once: `before` they reach the server, or `after` the server has done
   * what they ask, with its answer lost on the way.
   * @param options.once only on a connection that has sent these bytes before
   * @param options.next the proxy's state after the cut; an answer that comes while it is `frozen` is late and not lost
   */
  cutOn(bytes: string, when: 'before' | 'after', options?: { once?: string; next?: 'down' | 'frozen' }): void
  /**
   * `down`: connections end, and new ones end as soon as they are made; `gone`: nobody listens either, so a caller knows
   * that nothing was sent; `frozen`: nothing passes and nothing ends; `up`: everything passes.
   */
  be(state: State): void
  /** How many connections `cutOn` has cut so far. */
  cuts(): number
  close(): Promise<void>
}

type State = 'up' | 'down' | 'gone' | 'frozen'

/** Stands between a client and a server and loses what it is told to lose. */
export async function startCutProxy(url: string): Promise<CutProxy> {
  const target = new URL(url)
  let rule: { bytes: string; when: 'before' | 'after'; once?: string; next?: 'down' | 'frozen' } | undefined
  let cut = 0
  let state: State = 'up'
  const held: (() => void)[] = []
  const pass = (send: () => void) => {
    if (state === 'frozen') held.push(send)
    else send()
  }
  const sockets = new Set<Socket>()
  let port = 0
  const be = (next: State): void => {
    if (state === 'gone' && next !== 'gone') server.listen(port, '127.0.0.1')
    if (next === 'gone') server.close()
    state = next
    if (next === 'down' || next === 'gone') for (const socket of sockets) socket.destroy()
    if (next === 'up') for (const send of held.splice(0)) send()
  }
  const server = createServer((client) => {
    if (state === 'down') return void client.destroy()
    const upstream = connect(Number(target.port), target.hostname)
    let losing: typeof rule
    let ready = false
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', end)
      socket.on('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    const textsIn = statementsOf()
    client.on('data', (data) => {
      const texts = textsIn(data.toString('latin1'))
      // A statement of the builder quotes its names and a statement by hand does not, so a rule ignores the
      // quotes.
      const text = rule && texts.toLowerCase().replaceAll('"', '')
      if (rule?.once && text!.includes(rule.once)) ready = true
      if (rule && text!.includes(rule.bytes) && (ready || !rule.once)) {
        losing = rule
        rule = undefined
        cut++
        if (losing.when === 'before') {
          if (losing.next) be(losing.next)
          return end()
        }
      }
      pass(() => upstream.write(data))
    })
    upstream.on('data', (data) => {
      // The server has answered, so the work is done; the client never learns of it.
      if (losing) {
        if (losing.next) be(losing.next)
        if (state !== 'frozen') return end()
        losing = undefined
      }
      pass(() => client.write(data))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  port = (server.address() as AddressInfo).port
  through.port = String(port)
  return {
    url: through.href,
    cutOn(bytes, when, options) {
      rule = { bytes: bytes.toLowerCase(), when, ...options }
    },
    be,
    cuts: () => cut,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

/**
 * What a connection asks for. A prepared statement is sent with its text once and by its name afterwards, so its text is
 * kept here: otherwise a rule would miss whatever the connection has asked before.
 */
function statementsOf(): (bytes: string) => string {
  const prepared = new Map<string, string>()
  return (bytes) => {
    const again = [...prepared].filter(([name]) => bytes.includes(`\0${name}\0`)).map(([, text]) => text)
    // The message Parse: its letter, four bytes of length, the name, the text.
    for (const [, name = '', text = ''] of bytes.matchAll(/P[^]{4}([^\0]+)\0([^\0]+)\0/g))
      prepared.set(name, text)
    return [bytes, ...again].join('\n')
  }
}
