import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import type { SpanContext } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  RandomIdGenerator,
  SamplingDecision,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { IdGenerator, Sampler } from '@opentelemetry/sdk-trace'
import { traceIdOf } from './trace.ts'
import type { Attributes, Span, SpanStart, Tracer } from './trace.ts'

// The only file that knows OpenTelemetry. It is imported only when a collector is configured.

export interface TracingSettings {
  /** Base address of an OTLP/HTTP collector; spans go to `<endpoint>/v1/traces`. */
  endpoint: string
  /** The share of traces kept for work without an order or payment; work for those is always traced. */
  ratio: number
}

const FLUSH_MS = 1_500
const KINDS = {
  door: SpanKind.SERVER,
  job: SpanKind.CONSUMER,
  call: SpanKind.CLIENT,
  step: SpanKind.INTERNAL,
} as const

/** @param service for example `gateway` or `billing`; OTEL_SERVICE_NAME wins over it */
export function openTracer(settings: TracingSettings, service: string): Tracer {
  // OTEL_EXPORTER_OTLP_HEADERS is read by the exporter itself.
  const exporter = new OTLPTraceExporter({ url: `${settings.endpoint}/v1/traces`, timeoutMillis: 5_000 })
  const ids = idsOf()
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.namespace': 'telekassa',
      'service.name': process.env['OTEL_SERVICE_NAME'] || `telekassa-${service}`,
      'service.instance.id': `${process.pid}`,
    }),
    sampler: sampler(settings.ratio),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000 })],
    spanLimits: { attributeValueLengthLimit: 200 },
  })
  const tracer = provider.getTracer('telekassa')
  return {
    start(start) {
      const parent = readTraceparent(start.parent)
      const link = readTraceparent(start.link)
      ids.next = parent ? undefined : traceIdOf(start.about ?? {})
      const span = tracer.startSpan(
        start.name,
        {
          kind: KINDS[start.kind],
          attributes: given(start.attributes),
          ...(link && { links: [{ context: link }] }),
        },
        parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
      )
      return spanOf(span)
    },
    async stop() {
      // A collector that is away must not delay the end of the process.
      const flushed = provider.shutdown().catch(() => {})
      await Promise.race([flushed, sleep(FLUSH_MS, undefined, { ref: false })])
    },
  }
}

function spanOf(span: ReturnType<ReturnType<TracerProvider['getTracer']>['startSpan']>): Span {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return {
    traceId,
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    set: (attributes) => void span.setAttributes(given(attributes)),
    fail: (reason) => void span.setStatus({ code: SpanStatusCode.ERROR, message: reason }),
    end: () => span.end(),
  }
}

const given = (attributes: Attributes = {}) =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))

/** Reads a W3C traceparent (level 1): `00-<32 hex>-<16 hex>-<flags>`. Any other text gives no parent. */
function readTraceparent(text: SpanStart['parent']): SpanContext | undefined {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text ?? '') ?? []
  if (!traceId || !spanId || !flags) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true }
}

/** Gives a root span the requested trace id: that of its order or payment. */
function idsOf(): IdGenerator & { next: string | undefined } {
  const random = new RandomIdGenerator()
  return {
    next: undefined,
    generateTraceId() {
      return this.next ?? random.generateTraceId()
    },
    generateSpanId: () => random.generateSpanId(),
  }
}

/** Follows the parent's decision; always traces orders and payments, and a share of all other work. */
function sampler(ratio: number): Sampler {
  return {
    shouldSample(context, _traceId, _name, _kind, attributes) {
      const parent = trace.getSpanContext(context)
      const money = 'telekassa.order' in attributes || 'telekassa.payment' in attributes
      const taken = parent ? (parent.traceFlags & TraceFlags.SAMPLED) !== 0 : money || Math.random() < ratio
      return { decision: taken ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD }
    },
    toString: () => `telekassa, ${ratio} of what is about no money`,
  }
}
