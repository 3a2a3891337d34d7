import type { Attention } from '#shared/attention.ts'
import { adjustmentsToDecide, lettersToClose } from './admin/attention.ts'
import { mailingsToResume } from './mailings/attention.ts'
import { paymentsToLookAt, requestsToDecide } from './payments/attention.ts'
import { picturesOutOfOrder } from './pictures/attention.ts'
import { servicesToDo } from './shelf/attention.ts'
import { purchasesToDecide } from './stars-premium/attention.ts'
import { questionsToAnswer } from './support/attention.ts'

/** What may need an admin, in the order in which the panel in a browser shows it. */
export const attention: readonly Attention[] = [
  requestsToDecide,
  paymentsToLookAt,
  questionsToAnswer,
  purchasesToDecide,
  picturesOutOfOrder,
  servicesToDo,
  lettersToClose,
  adjustmentsToDecide,
  mailingsToResume,
]
