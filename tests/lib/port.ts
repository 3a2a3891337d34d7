import { createServer } from 'node:net'

/** The system gives a port from 32768 on to whoever asks for any port, and never one of those below. */
const FIRST = 11_000
const EACH = 4_000

const own = FIRST + (Number(process.env['VITEST_POOL_ID'] ?? 0) % 5) * EACH
let next = Math.floor(Math.random() * EACH)

/**
 * Reserves a port of 127.0.0.1 for a server that starts later, or starts again. Neither another test file nor
 * a program that asks the system for any port gets it meanwhile.
 */
export async function reservePort(): Promise<number> {
  for (let tried = 0; tried < EACH; tried++) {
    const port = own + (next++ % EACH)
    if (await isFree(port)) return port
  }
  throw new Error(`no port from ${own} to ${own + EACH - 1} is free`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
