import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { Rejected } from '../errors.ts'

/** The content of a span: our own ids, names and numbers; never a person, an address or somebody's text. */
export type Attributes = Record<string, string | number | boolean | undefined>

/**
 * door = something was taken in, job = one try of a worker, call = a call to another server, step = what a job does
 * for an order.
 */
export type SpanKind = 'door' | 'job' | 'call' | 'step'

export interface SpanStart {
  name: string
  kind: SpanKind
  attributes?: Attributes
  /** The traceparent that this span continues. */
  parent?: string | undefined
  /** The order or payment that the span is about. Without a parent the span belongs to that one's trace. */
  about?: TraceSubject | undefined
  /** The traceparent of the cause in another trace. */
  link?: string | undefined
}

export interface Span {
  traceId: string
  /** W3C traceparent for work that continues this span. */
  traceparent: string
  set(attributes: Attributes): void
  fail(reason: string): void
  end(): void
}

/** Makes spans and sends them to a collector. A process without one has no tracer at all. */
export interface Tracer {
  start(span: SpanStart): Span
  /** Sends the remaining spans, waiting at most 1.5 s. */
  stop(): Promise<void>
}

/** What a trace belongs to: an order, a payment, or a payment for an order. */
export interface TraceSubject {
  order?: string | undefined
  payment?: string | undefined
}

interface Scope {
  tracer: Tracer
  span: Span
  /** A job that works on many orders gives its trace to none of them. */
  apart: boolean
  calls: number
  joined?: Span
}

/** A job with more calls than this is a mailing: its further calls are only counted. */
const CALLS_SHOWN = 100

const scopes = new AsyncLocalStorage<Scope>()

/** The trace id of an order or a payment, 32 hex digits, computed from the id: the same in every process. */
export function traceIdOf({ order, payment }: TraceSubject): string | undefined {
  const id = payment ?? order
  return id && createHash('sha256').update(`telekassa\u0000${id}`).digest('hex').slice(0, 32)
}

/**
 * Runs `work` as a span; what the work enqueues, owes, calls and logs belongs to the span. Without a tracer only
 * `work()` runs and `start` is not called.
 * @param options.apart for jobs that work on many orders
 */
export async function traced<T>(
  tracer: Tracer | undefined,
  start: () => SpanStart,
  work: () => Promise<T>,
  options: { apart?: boolean } = {},
): Promise<T> {
  if (!tracer) return work()
  const scope: Scope = { tracer, span: tracer.start(start()), apart: options.apart === true, calls: 0 }
  const first = scope.span
  try {
    return await scopes.run(scope, work)
  } catch (error) {
    scope.span.fail(nameOf(error))
    throw error
  } finally {
    if (scope.calls > CALLS_SHOWN) first.set({ 'telekassa.calls': scope.calls })
    scope.joined?.end()
    first.end()
  }
}

/** Runs a call to another server as a span below the current one. `answered` says what the answer means. */
export async function calling<T>(
  name: string,
  attributes: () => Attributes,
  work: () => Promise<T>,
  answered: (answer: T) => { attributes: Attributes; failed?: string } = () => ({ attributes: {} }),
): Promise<T> {
  const scope = scopes.getStore()
  if (!scope || ++scope.calls > CALLS_SHOWN) return work()
  const span = scope.tracer.start({
    name,
    kind: 'call',
    attributes: attributes(),
    parent: scope.span.traceparent,
  })
  try {
    const answer = await work()
    const { attributes: more, failed } = answered(answer)
    span.set(more)
    if (failed) span.fail(failed)
    return answer
  } catch (error) {
    span.fail(nameOf(error))
    throw error
  } finally {
    span.end()
  }
}

/**
 * Says that the job now works for an order or a payment: from here on its spans belong to that one's trace, linked
 * with the current one. Only a job's first subject counts.
 */
export function workFor(subject: TraceSubject): void {
  const scope = scopes.getStore()
  if (!scope || scope.apart || scope.joined) return
  const attributes = attributesOf(subject)
  if (scope.span.traceId === traceIdOf(subject)) return scope.span.set(attributes)
  const { tracer, span } = scope
  span.set(attributes)
  const name = subject.payment ? 'work for a payment' : 'work for an order'
  scope.joined = tracer.start({ name, kind: 'step', attributes, about: subject, link: span.traceparent })
  scope.span = scope.joined
}

/** The traceparent for jobs that are enqueued or owed here. */
export function currentTrace(): string | undefined {
  const scope = scopes.getStore()
  return scope?.apart ? undefined : scope?.span.traceparent
}

/** The current trace id, for log lines. */
export function currentTraceId(): string | undefined {
  return scopes.getStore()?.span.traceId
}

/** Adds attributes to the current span. */
export function tellSpan(attributes: Attributes, failed?: string): void {
  const span = scopes.getStore()?.span
  span?.set(attributes)
  if (failed) span?.fail(failed)
}

/** Runs work that serves everybody, such as the relay, outside the trace of the job that triggered it. */
export function outsideTraces<T>(work: () => T): T {
  return scopes.getStore() ? scopes.exit(work) : work()
}

/**
 * An invoice of ours has a payment's id as its payload; any other payload was written by a stranger and stays out of
 * the trace.
 */
export function ofInvoice(payload: string | undefined): TraceSubject {
  return /^[0-9a-z]{16}$/.test(payload ?? '') ? { payment: payload } : {}
}

/** The span of what a door takes in. It belongs to the trace of the order or payment that it is about. */
export function doorSpan(name: string, about: TraceSubject = {}, attributes: Attributes = {}): SpanStart {
  return { name, kind: 'door', about, attributes: { ...attributes, ...attributesOf(about) } }
}

export function attributesOf({ order, payment }: TraceSubject): Attributes {
  return { 'telekassa.order': order, 'telekassa.payment': payment }
}

/** The kind of an error. Its text may quote what somebody wrote and stays out of the trace. */
function nameOf(error: unknown): string {
  if (error instanceof Rejected) return `Rejected ${error.code}`
  return error instanceof Error ? error.name : 'error'
}
