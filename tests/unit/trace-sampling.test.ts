import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { openTracer } from '#shared/trace/otel.ts'
import { attributesOf } from '#shared/trace/trace.ts'
import { startCollector } from '../lib/collector.ts'
import type { CollectedSpan } from '../lib/collector.ts'
import { readRepositoryFile } from '../lib/compose.ts'

interface Policy {
  name: string
  type: string
  status_code?: { status_codes: string[] }
  string_attribute?: { key: string; values: string[]; enabled_regex_matching: boolean }
  probabilistic?: { sampling_percentage: number }
}
interface Collector {
  receivers: Record<string, object>
  processors: Record<string, object> & { tail_sampling: { policies: Policy[] } }
  exporters: Record<string, object>
  service: {
    pipelines: { traces: Record<'receivers' | 'processors' | 'exporters', string[]> }
  }
}

const collector = parse(readRepositoryFile('deploy/monitoring/otel-collector.yml')) as Collector
const { policies } = collector.processors.tail_sampling

/**
 * What the collector's processor does with these policies, as its documentation says: a policy that matches keeps
 * the trace.
 */
function keptBy(trace: CollectedSpan[]): string[] {
  const matches = ({ status_code: status, string_attribute: text }: Policy) =>
    trace.some((span) => {
      if (status) return status.status_codes.includes(['UNSET', 'OK', 'ERROR'][span.status?.code ?? 0]!)
      const value = span.attributes[text?.key ?? '']
      return typeof value === 'string' && text!.values.some((pattern) => new RegExp(pattern, 'u').test(value))
    })
  return policies.filter(matches).map(({ name }) => name)
}

describe('the collector that samples whole traces', () => {
  test('names only parts that it has, decides before it batches, and takes what processes send', () => {
    const { receivers, processors, exporters } = collector.service.pipelines.traces
    expect(Object.keys(collector.receivers)).toEqual(receivers)
    expect(Object.keys(collector.processors)).toEqual(processors)
    expect(Object.keys(collector.exporters)).toEqual(exporters)
    expect(processors).toEqual(['memory_limiter', 'tail_sampling', 'batch'])
    expect(collector.receivers).toEqual({ otlp: { protocols: { http: { endpoint: '0.0.0.0:4318' } } } })
    for (const policy of policies) expect(policy).toHaveProperty(policy.type)
  })

  test('keeps a trace that failed in its last span, and those of orders and payments; of the rest 2 %', async () => {
    const target = await startCollector()
    const tracer = openTracer({ endpoint: target.url, ratio: 1 }, 'test')
    const begin = (name: string, about = {}, parent?: string) =>
      tracer.start({ name, kind: 'job', about, attributes: attributesOf(about), parent })
    const failing = begin('failing')
    const call = begin('its call', {}, failing.traceparent)
    call.fail('UnknownOutcome')
    const spans = {
      failing,
      call,
      order: begin('order', { order: 'o1' }),
      payment: begin('payment', { payment: 'p1' }),
      nothing: begin('nothing'),
    }
    for (const span of Object.values(spans)) span.end()
    await tracer.stop()

    const kept = (of: { traceId: string }) =>
      keptBy(target.spans.filter(({ traceId }) => traceId === of.traceId))
    expect(target.spans).toHaveLength(5)
    expect(kept(failing)).toEqual(['errors'])
    expect(kept(spans.order)).toEqual(['orders'])
    expect(kept(spans.payment)).toEqual(['payments'])
    expect(kept(spans.nothing)).toEqual([])
    expect(policies.find(({ type }) => type === 'probabilistic')?.probabilistic).toEqual({
      sampling_percentage: 2,
    })
  })
})
