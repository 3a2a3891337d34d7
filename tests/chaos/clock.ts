// Preloaded into the processes of a host (`node --import`): the time of day is as many milliseconds apart as the file
// CLOCK_APART says. Timers and performance.now go on as they are, as on a machine whose clock is wrong.
import { readFileSync } from 'node:fs'

const file = process.env['CLOCK_APART']
const now = Date.now
let apart = 0

if (file) {
  look()
  setInterval(look, 500).unref()
  Date.now = () => now() + apart
  globalThis.Date = new Proxy(Date, {
    apply: (real) => new real(Date.now()).toString(),
    construct: (real, given, asked) =>
      Reflect.construct(real, given.length === 0 ? [Date.now()] : given, asked) as Date,
  })
}

function look(): void {
  const next = Number(contents())
  if (next === apart) return
  apart = next
  process.stderr.write(`the clock is ${apart} ms apart\n`)
}

function contents(): string {
  try {
    return readFileSync(file!, 'utf8')
  } catch {
    return '0'
  }
}
