import type { Context } from '#shared/context.ts'
import type { Run } from '#shared/queue/executor.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import type { TelegramUpdate } from '#shared/queue/jobs/telegram.ts'

/** Adds a delayed copy of the update under another id, so that other messages of its chat need not wait behind it. */
export async function putAside(
  app: Context,
  job: TelegramUpdate,
  run: Run,
  { delayMs, why }: { delayMs: number; why: string },
): Promise<void> {
  const waited = (job.waited ?? 0) + 1
  await app.producer.add(
    telegramUpdate,
    { ...job, waited },
    { id: `${telegramUpdate.id(job)}~wait-${waited}`, delayMs },
  )
  run.log.info({ update: job.update.update_id, waited }, why)
}
