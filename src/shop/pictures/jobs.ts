import { z } from 'zod'
import { defineJob, defineTick } from '#shared/queue/job.ts'

const next = z.object({
  /** The order that made room or brought work. */
  orderId: z.string(),
  /** `new`, `over` (made room), `again-N` (put back after attempt N) or `freed-by-X` (X made room in another deployment). */
  why: z.string(),
})

/** Starts the picture whose turn it is. That need not be the picture that caused the job. */
export const nextPicture = defineJob<z.infer<typeof next>>({
  name: 'image.next',
  queue: 'images',
  payload: next,
  id: (job) => `image-next-${job.orderId}-${job.why}`,
  attempts: 8,
  backoffMs: 1_000,
})

const watch = z.object({
  orderId: z.string(),
  /** Number of the attempt. */
  attempt: z.number().int().positive(),
  /**
   * `started` = the reply may be lost, `task` = the task is known, `called` = a callback came, `late` = the order
   * failed before.
   */
  why: z.enum(['started', 'task', 'called', 'late']),
})
export type PictureWatch = z.infer<typeof watch>

/**
 * Asks the provider about a picture, shows its progress to the person, and delivers it. The job comes again until
 * the picture is over.
 */
export const watchPicture = defineJob<PictureWatch>({
  name: 'image.watch',
  queue: 'images',
  payload: watch,
  id: (job) => `image-watch-${job.orderId}-${job.attempt}-${job.why}`,
  attempts: 12,
  backoffMs: 1_000,
})

const callback = z.object({ token: z.string().max(200), taskId: z.string().min(1).max(1000) })

/** A provider says that a task has ended. */
export const pictureCallback = defineJob<z.infer<typeof callback>>({
  name: 'image.callback',
  queue: 'images',
  payload: callback,
  id: (job) => `image-callback-${job.token}`,
  attempts: 12,
  backoffMs: 1_000,
})

const show = z.object({ orderId: z.string(), why: z.enum(['failed', 'cancelled']) })

/** Brings the progress message to the state that the order has now. */
export const showPicture = defineJob<z.infer<typeof show>>({
  name: 'image.show',
  queue: 'images',
  payload: show,
  id: (job) => `image-show-${job.orderId}-${job.why}`,
  attempts: 8,
  backoffMs: 1_000,
})

const resume = z.object({
  orderId: z.string(),
  /** The id of the payment that brought the money, or `balance-<time>` where the money names no order. */
  paymentId: z.string(),
})
export type ResumePicture = z.infer<typeof resume>

/** Money came for a picture that waits for it: it goes on if the balance is enough now. */
export const resumePicture = defineJob<ResumePicture>({
  name: 'image.resume',
  queue: 'images',
  payload: resume,
  id: (job) => `image-resume-${job.orderId}-${job.paymentId}`,
  attempts: 8,
  backoffMs: 1_000,
})

const original = z.object({
  orderId: z.string(),
  bot: z.string(),
  /** Telegram id of the chat as text: JSON has no bigint. */
  chatId: z.string().regex(/^-?\d+$/),
  as: z.enum(['photo', 'document']),
  /** The id of the pressed button, so that each press is a job of its own. */
  press: z.string(),
})
export type ResendPicture = z.infer<typeof original>

/** Sends a finished picture again, as a photo or as the original file. */
export const resendPicture = defineJob<ResendPicture>({
  name: 'image.send',
  queue: 'images',
  payload: original,
  id: (job) => `image-send-${job.orderId}-${job.press}`,
  attempts: 5,
  backoffMs: 1_000,
})

/** Looks at the credits left on the providers' accounts, and at pictures that no job works on. */
export const checkPictures = defineTick('image.check', 60_000, 'images')
