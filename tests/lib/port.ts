import { createServer } from 'node:net'

/** The system gives ports from 32768 up to whoever asks for any; these it gives to nobody. */
const FIRST = 11_000
const EACH = 4_000

const own = FIRST + (Number(process.env['VITEST_POOL_ID'] ?? 0) % 5) * EACH
let next = Math.floor(Math.random() * EACH)

/**
 * A port of 127.0.0.1 for a server that starts later, or starts again: no other test file, and nobody who asks the
 * system for any port, gets it meanwhile.
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
