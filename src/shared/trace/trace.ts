import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { Rejected } from '../errors.ts'

/** What a span says. Ids of ours, names, numbers: nothing about a person, no address, no text of anybody. */
export type Attributes = Record<string, string | number | boolean | undefined>

/** A door takes something in, a job is one try of a worker, a call goes out, a step is what a job does for an order. */
export type SpanKind = 'door' | 'job' | 'call' | 'step'

export interface SpanStart {
  name: string
  kind: SpanKind
  attributes?: Attributes
  /** The traceparent that this goes on from. */
  parent?: string | undefined
  /** What it is about: without a parent, the span belongs to the trace of that. */
  about?: TraceSubject | undefined
  /** The traceparent of what led here from another trace. */
  link?: string | undefined
}

export interface Span {
  traceId: string
  /** W3C traceparent, for whoever goes on from here. */
  traceparent: string
  set(attributes: Attributes): void
  fail(reason: string): void
  end(): void
}

/** Makes spans and sends them to a collector. A process without one has no tracer at all. */
export interface Tracer {
  start(span: SpanStart): Span
  /** Sends what is left, within a second and a half. */
  stop(): Promise<void>
}

/** An order, a payment, or a payment for an order. */
export interface TraceSubject {
  order?: string | undefined
  payment?: string | undefined
}

interface Scope {
  tracer: Tracer
  span: Span
  /** A job about many orders hands its trace on to none of them. */
  apart: boolean
  calls: number
  joined?: Span
}

/** A job that calls more often than this is a mailing: the rest of its calls is only counted. */
const CALLS_SHOWN = 100

const scopes = new AsyncLocalStorage<Scope>()

/** The trace of an order or of a payment, 32 hex digits: the same in every process, without asking anybody. */
export function traceIdOf({ order, payment }: TraceSubject): string | undefined {
  const id = payment ?? order
  return id && createHash('sha256').update(`telekassa\u0000${id}`).digest('hex').slice(0, 32)
}

/**
 * Runs `work` as a span; what it enqueues, owes, calls and logs belongs to it. Without a tracer it is `work()` alone,
 * and `start` is not even asked.
 * @param options.apart for jobs about many orders
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

/** A call to the outside, below whatever is going on. `answered` says what the answer means. */
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
 * From here on this job works for an order or a payment: the rest of it belongs to that one's trace, linked with what
 * led here. The first subject of a job counts.
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

/** The traceparent that jobs enqueued or owed here go on from. */
export function currentTrace(): string | undefined {
  const scope = scopes.getStore()
  return scope?.apart ? undefined : scope?.span.traceparent
}

/** For log lines. */
export function currentTraceId(): string | undefined {
  return scopes.getStore()?.span.traceId
}

/** Adds to the span at hand. */
export function tellSpan(attributes: Attributes, failed?: string): void {
  const span = scopes.getStore()?.span
  span?.set(attributes)
  if (failed) span?.fail(failed)
}

/** Runs what serves everybody, such as the relay, outside the trace of whoever asked for it. */
export function outsideTraces<T>(work: () => T): T {
  return scopes.getStore() ? scopes.exit(work) : work()
}

/** An invoice of ours has a payment's id as its payload; what else stands there is a stranger's and stays out. */
export function ofInvoice(payload: string | undefined): TraceSubject {
  return /^[0-9a-z]{16}$/.test(payload ?? '') ? { payment: payload } : {}
}

/** What a door takes in, in the trace of what it is about. */
export function doorSpan(name: string, about: TraceSubject = {}, attributes: Attributes = {}): SpanStart {
  return { name, kind: 'door', about, attributes: { ...attributes, ...attributesOf(about) } }
}

export function attributesOf({ order, payment }: TraceSubject): Attributes {
  return { 'telekassa.order': order, 'telekassa.payment': payment }
}

/** Texts of errors may quote what somebody wrote; their kinds do not. */
function nameOf(error: unknown): string {
  if (error instanceof Rejected) return `Rejected ${error.code}`
  return error instanceof Error ? error.name : 'error'
}
