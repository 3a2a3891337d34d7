import { z } from 'zod'
import { defineJob } from '../job.ts'

const topic = z.object({
  topic: z.string(),
  /** The five-minute window that the message covers: a topic has one message per window. */
  window: z.string(),
  /** The name of a bot whose admins are told. It brings the job to the deployment that serves this bot. */
  bot: z.string().optional(),
})

/** Tells admins what happened, everything of one topic in one message. */
export const tellAlerts = defineJob<z.infer<typeof topic>>({
  name: 'admin.tell-alerts',
  queue: 'notices',
  payload: topic,
  id: (job) => `alerts-${job.topic}-${job.window}${job.bot ? `-${job.bot}` : ''}`,
  attempts: 8,
  backoffMs: 1_000,
})
