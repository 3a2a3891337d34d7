import type { LimitFunction } from 'p-limit'
import type { Config } from '#shared/config/config.ts'
import type { Context } from '#shared/context.ts'
import type { PictureProviders } from '../catalogue.ts'
import type { Editor } from './progress.ts'

/** What the handlers of this worker work with. */
export interface Parts {
  app: Context
  providers: PictureProviders
  editor: Editor
  /** One claim of this process at a time: those that wait for the lock would hold its connections. */
  claiming: LimitFunction
  /** Lengths in milliseconds; tests shorten them. */
  times: Times
}

export interface Times {
  /** Between two looks at a task, and so between two edits: young tasks, and those older than a minute. */
  tick: number
  slowTick: number
  /** A reply to a start is lost when it has not been stored for this long; the slowest start takes 110 s. */
  lost: number
  /** From the start of a task to giving it up; pictures were seen waiting for minutes at KIE AI. */
  deadline: number
  /** How long a picture may wait for its start before the tokens go back. */
  queue: number
  /** How often and for how long a given-up task is asked about: what comes late is a present. */
  late: number
  lateFor: number
  /** A delivery is renewed while its process lives; after this long without it another worker may try. */
  lease: number
  /** How long a finished picture is tried to be delivered. */
  delivery: number
}

export const timesOf = ({ images }: Config): Times => ({
  tick: images.pollMs,
  slowTick: images.pollMs * 3,
  lost: images.startTimeoutMs,
  deadline: images.deadlineMs,
  queue: 30 * 60_000,
  late: 60_000,
  lateFor: 60 * 60_000,
  lease: 20_000,
  delivery: 6 * 3600_000,
})

export const ACTOR = 'worker:images'
