import { Transform } from 'node:stream'

/** What a wire has done to what it carried. */
export interface Wire {
  /** Whether what is carried comes late, now and then very late. */
  far: boolean
  late: number
  stalled: number
}

const LATE_MS = 100
/** How many chunks of a thousand are lost on the way. TCP sends them again, so what is behind them waits as well. */
const LOST = 20
const AGAIN_MS = 1_800

/**
 * One direction of a connection. While the wire is far each chunk is late by 100 to 200 ms, a lost one by up to two
 * seconds more, and none overtakes another.
 */
export function along(wire: Wire, random: () => number = Math.random): Transform {
  let through = 0
  const onTheWay: Buffer[] = []
  let ended: (() => void) | undefined
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!wire.far && onTheWay.length === 0) return done(null, chunk)
      let delay = 0
      if (wire.far) {
        wire.late += 1
        delay = LATE_MS * (1 + random())
        if (random() * 1_000 < LOST) {
          wire.stalled += 1
          delay += 200 + AGAIN_MS * random()
        }
      }
      const now = performance.now()
      through = Math.max(through, now + delay)
      onTheWay.push(chunk)
      setTimeout(() => {
        // Whichever timer comes first, the first chunk arrives.
        this.push(onTheWay.shift())
        if (onTheWay.length === 0) ended?.()
      }, through - now)
      done()
    },
    flush(done) {
      if (onTheWay.length === 0) done()
      else ended = done
    },
  })
}
