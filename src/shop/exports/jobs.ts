import { z } from 'zod'
import { defineJob } from '#shared/queue/job.ts'

const job = z.object({
  exportId: z.string(),
  /** The bot that sends the file. By its name the job reaches the deployment that serves the bot. */
  bot: z.string().optional(),
})

/** Writes a file from the database and sends it to the admin who asked for it. */
export const runExport = defineJob<z.infer<typeof job>>({
  name: 'export.run',
  queue: 'exports',
  payload: job,
  id: ({ exportId }) => `export-${exportId}`,
  attempts: 4,
  backoffMs: 3_000,
})
