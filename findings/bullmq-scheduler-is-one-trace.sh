#!/usr/bin/env bash
# bullmq 6.7.0 on Redis with bullmq-otel 2.0.1, @opentelemetry/sdk-trace 3.1.0.
# A good guess: each run of a job scheduler is a trace of its own, or is linked to the one before. Of a sampler that keeps
#   one trace in a hundred one run in a hundred is seen.
# What happens: the job of the next run gets the trace of the run before, and so for ever: all runs since the scheduler
#   was made are children of the span of its `upsertJobScheduler`. A tick of each minute makes a trace of half a million
#   runs a year. The sampler is asked once, about that first call: all runs are kept, or not one is ever seen.
#   `omitContext` in the template's `telemetry` makes a trace of each run.
# Seen: of two schedulers all runs of one in one trace, of the other none; each run of the third in its own.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 bullmq-otel@2.0.1 ioredis@6.0.0 @opentelemetry/api@1.10.0 @opentelemetry/core@3.1.0 \
  @opentelemetry/sdk-trace@3.1.0 @opentelemetry/context-async-hooks@3.1.0
start_redis
script <<'JS'
import assert from 'node:assert/strict'
import { TraceFlags, context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { InMemorySpanExporter, ParentBasedSampler, SamplingDecision, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { Queue, Worker } from 'bullmq'
import { BullMQOtel } from 'bullmq-otel'

const { NOT_RECORD, RECORD_AND_SAMPLED } = SamplingDecision
/** A sampler that keeps no trace that begins with a call about `unlucky`. */
const root = {
  shouldSample: (_context, _trace, name) => ({ decision: name.endsWith('.unlucky') ? NOT_RECORD : RECORD_AND_SAMPLED }),
  toString: () => 'by name',
}
trace.setGlobalTracerProvider(
  new TracerProvider({
    sampler: new ParentBasedSampler({ root }),
    spanProcessors: [new SimpleSpanProcessor({ exporter: new InMemorySpanExporter() })],
  }),
)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
propagation.setGlobalPropagator(new W3CTraceContextPropagator())

const options = { connection: { path: process.env.REDIS_SOCKET, maxRetriesPerRequest: null }, telemetry: new BullMQOtel('shop') }
const queue = new Queue('q', options)
const runs = { lucky: [], unlucky: [], omitted: [] }
const worker = new Worker('q', async ({ name }) => void runs[name].push(trace.getActiveSpan().spanContext()), options)
const every = { every: 100 }
for (const name of ['lucky', 'unlucky']) await queue.upsertJobScheduler(name, every, { name })
await queue.upsertJobScheduler('omitted', every, { name: 'omitted', opts: { telemetry: { omitContext: true } } })
const enough = () => Object.values(runs).every(({ length }) => length >= 8)
while (!enough()) await new Promise((resolve) => setTimeout(resolve, 50))
await worker.close()
await queue.close()

const seen = {}
for (const [name, list] of Object.entries(runs)) {
  const traces = new Set(list.map(({ traceId }) => traceId)).size
  const kept = list.filter(({ traceFlags }) => traceFlags === TraceFlags.SAMPLED).length
  seen[name] = { traces: traces === list.length ? 'each' : traces, kept: kept === list.length ? 'all' : kept }
}
console.log(seen)
assert.deepEqual(seen, {
  lucky: { traces: 1, kept: 'all' },
  unlucky: { traces: 1, kept: 0 },
  omitted: { traces: 'each', kept: 'all' },
})
process.exit()
JS
