import { attributesOf } from '../trace/trace.ts'
import type { SpanStart, TraceSubject } from '../trace/trace.ts'
import type { BullJob } from './bull.ts'
import { dueSince } from './job.ts'
import type { JobType } from './job.ts'

/**
 * One try of a job as a span. It continues the trace of the job's cause, or begins in the trace of its order or
 * payment.
 */
export function jobSpan(type: JobType, job: BullJob): SpanStart {
  const { trace: parent, payload } = job.data
  const about = subjectOf(type, payload)
  const { bot } = (payload ?? {}) as { bot?: unknown }
  return {
    name: type.name,
    kind: 'job',
    parent,
    about,
    attributes: {
      ...attributesOf(about),
      'messaging.system': 'bullmq',
      'messaging.destination.name': type.queue,
      'telekassa.attempt': job.attemptsMade + 1,
      'telekassa.waited_ms': Math.max(0, Date.now() - dueSince(job)),
      ...(typeof bot === 'string' && { 'telekassa.bot': bot }),
    },
  }
}

function subjectOf(type: JobType, payload: unknown): TraceSubject {
  const { orderId, paymentId } = (payload ?? {}) as { orderId?: unknown; paymentId?: unknown }
  if (typeof orderId === 'string' || typeof paymentId === 'string') {
    return { order: text(orderId), payment: text(paymentId) }
  }
  const parsed = type.about && type.payload.safeParse(payload)
  return parsed?.success ? type.about!(parsed.data) : {}
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
