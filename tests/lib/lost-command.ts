// Preloaded into a worker (`node --import`): the first command by which it puts an update off is lost, and no error comes.
// CLOCK_RATE makes the clock that the watchdog reads run as many times faster; timers go on as they are.
import { Redis } from 'ioredis'

const now = Reflect.get(performance, 'now') as () => number
const rate = Number(process.env['CLOCK_RATE'] ?? 1)
performance.now = () => now.call(performance) * rate

const define = Reflect.get(Redis.prototype, 'defineCommand') as Redis['defineCommand']
let isLost = false
Redis.prototype.defineCommand = function (this: Redis & Record<string, unknown>, name, definition) {
  define.call(this, name, definition)
  if (name !== 'putOffInPartition') return
  const run = this[name] as (...args: unknown[]) => unknown
  Object.assign(this, {
    [name]: (...args: unknown[]) => {
      if (isLost) return run.apply(this, args)
      isLost = true
      console.log('the command is lost')
      return new Promise(() => {})
    },
  })
}
