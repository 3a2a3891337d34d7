import { z } from 'zod'
import { defineJob } from '#shared/queue/job.ts'

/** The bot that the mailing was made in: it brings the job to the deployment that serves it. */
const bot = z.string().optional()
const start = z.object({ broadcastId: z.string(), generation: z.number().int(), bot })

/** Plans the recipients and starts the lanes, at the time that the admin chose. */
export const beginMailing = defineJob<z.infer<typeof start>>({
  name: 'broadcast.start',
  queue: 'broadcasts',
  payload: start,
  id: (job) => `broadcast-start-${job.broadcastId}-${job.generation}`,
  attempts: 6,
  backoffMs: 2_000,
})

const lane = z.object({
  broadcastId: z.string(),
  /** Grows with every resume: lanes of an earlier run end by themselves. */
  generation: z.number().int(),
  /** Several lanes let several processes share one mailing. */
  lane: z.number().int(),
  /** Each run of a lane is a slice of seconds and owes the next one. */
  turn: z.number().int(),
  bot,
})

/** Sends for some seconds, then owes its own continuation. */
export const sendMailing = defineJob<z.infer<typeof lane>>({
  name: 'broadcast.send',
  queue: 'broadcasts',
  payload: lane,
  id: (job) => `broadcast-send-${job.broadcastId}-${job.generation}-${job.lane}-${job.turn}`,
  attempts: 8,
  backoffMs: 1_000,
})
export type LaneJob = z.infer<typeof lane>

const over = z.object({ broadcastId: z.string(), bot })

/**
 * Keeps what a paid mailing cost, marks as uncertain what was cut off, and draws the live message for the last time.
 */
export const closeMailing = defineJob<z.infer<typeof over>>({
  name: 'broadcast.close',
  queue: 'broadcasts',
  payload: over,
  id: (job) => `broadcast-close-${job.broadcastId}`,
  attempts: 8,
  backoffMs: 1_000,
})
