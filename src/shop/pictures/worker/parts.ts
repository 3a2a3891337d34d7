import type { LimitFunction } from 'p-limit'
import type { Config } from '#shared/config/config.ts'
import type { Context } from '#shared/context.ts'
import type { PictureProviders } from '../catalogue.ts'
import type { Editor } from './progress.ts'

/** What this worker's handlers work with. */
export interface Parts {
  app: Context
  providers: PictureProviders
  editor: Editor
  /** One claim of this process at a time: claims that wait for the lock would hold its connections. */
  claiming: LimitFunction
  /** Durations in milliseconds; tests shorten them. */
  times: Times
}

export interface Times {
  /**
   * The time between two looks at a task, and so between two edits: first for young tasks, then for tasks older than
   * a minute.
   */
  tick: number
  slowTick: number
  /** A start whose reply has not been stored after this long counts as lost; the slowest start takes 110 s. */
  lost: number
  /** The time from the start of a task until it is given up. KIE AI was seen to take minutes. */
  deadline: number
  /** How long a picture may wait for its start before the tokens go back. */
  queue: number
  /**
   * How often and for how long a task is asked about after its order was given up: a picture that comes late is a
   * present.
   */
  late: number
  lateFor: number
  /**
   * The lease of a delivery is renewed while its process lives. Without renewal another worker may try after this
   * long.
   */
  lease: number
  /** How long the worker tries to deliver a finished picture. */
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
