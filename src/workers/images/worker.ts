/*
 * consumes     images
 * produces     image.next, image.watch, image.show, notices to admins
 * writes       orders, attempts, generations, captures and releases of holds, pictures in DATA_DIR
 * idempotent   by the order's state; one attempt that may have happened; a lease on delivery; the hold's reference
 * on retry     reads the row and does the one next step: a start is never repeated, a look and an edit may be
 */
import type { WorkerType } from '#shared/worker.ts'
import { start } from '#shop/handlers.ts'

export const images: WorkerType = {
  name: 'images',
  queues: ['images'],
  poolSize: 12,
  needs: ({ telegram }) => ({ telegram: telegram.apiRoot }),
  start: start.images,
}
