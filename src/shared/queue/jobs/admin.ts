import { z } from 'zod'
import { defineJob } from '../job.ts'

const topic = z.object({
  topic: z.string(),
  /** The window of minutes that the message is for: one message of a topic in each. */
  window: z.string(),
  /** One of the bots whose admins are told: it brings the job to the deployment that serves them. */
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
