import { z } from 'zod'
import { defineJob, defineTick } from '#shared/queue/job.ts'

/** Deletes what people and support wrote longer ago than the setting says. */
export const forgetMessages = defineTick('upkeep.forget-messages', 60 * 60_000)

const seen = z.object({
  messageId: z.string(),
  /** The message that confirmed theirs, where it was sent after support had read theirs. */
  card: z.string().optional(),
})

/** Tells a person, in the message that confirmed theirs, that support has read it. */
export const showRead = defineJob<z.infer<typeof seen>>({
  name: 'support.read',
  queue: 'notices',
  payload: seen,
  id: ({ messageId, card }) => ['support-read', messageId, ...(card ? [card] : [])].join('-'),
  attempts: 5,
  backoffMs: 1_000,
})
