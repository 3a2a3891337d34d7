import { describe, expect, it } from 'vitest'
import {
  currentTrace,
  outsideTraces,
  traceIdOf,
  traced,
  calling,
  workFor,
} from '../../src/shared/trace/trace.ts'
import type { SpanStart, Tracer } from '../../src/shared/trace/trace.ts'

/** A tracer that writes down what it is told. */
function notebook() {
  const begun: (SpanStart & { traceparent: string; failed?: string; ended: boolean })[] = []
  const tracer: Tracer = {
    start(start) {
      const traceId = start.parent?.split('-')[1] ?? traceIdOf(start.about ?? {}) ?? 'f'.repeat(32)
      const traceparent = `00-${traceId}-${String(begun.length + 1).padStart(16, '0')}-01`
      const note: (typeof begun)[number] = { ...start, traceparent, ended: false }
      begun.push(note)
      return {
        traceId,
        traceparent,
        set: (more) => void (note.attributes = { ...note.attributes, ...more }),
        fail: (reason) => void (note.failed = reason),
        end: () => void (note.ended = true),
      }
    },
    stop: async () => {},
  }
  return { begun, tracer }
}

describe('traces', () => {
  it('without a tracer a job and its calls are only their work: nothing is built, nothing is remembered', async () => {
    const never = () => {
      throw new Error('asked for')
    }
    const result = await traced(undefined, never, () =>
      calling('call', never, async () => currentTrace() ?? 'none'),
    )
    expect(result).toBe('none')
  })

  it('a job goes over into the trace of the first order that it works for, linked with what led there', async () => {
    const { begun, tracer } = notebook()
    await traced(
      tracer,
      () => ({ name: 'telegram.update', kind: 'job' }),
      async () => {
        expect(currentTrace()).toContain('f'.repeat(32))
        workFor({ order: 'abc' })
        workFor({ order: 'another' })
        expect(currentTrace()).toContain(traceIdOf({ order: 'abc' }))
        await calling(
          'telegram sendMessage',
          () => ({}),
          async () => {},
        )
        expect(outsideTraces(currentTrace)).toBeUndefined()
      },
    )
    expect(begun.map(({ name }) => name)).toEqual([
      'telegram.update',
      'work for an order',
      'telegram sendMessage',
    ])
    expect(begun[1]!.link).toBe(begun[0]!.traceparent)
    expect(begun[2]!.parent).toBe(begun[1]!.traceparent)
    expect(begun.every(({ ended }) => ended)).toBe(true)
  })

  it('a job about many orders hands its trace on to none of them, and shows its first hundred calls', async () => {
    const { begun, tracer } = notebook()
    await traced(
      tracer,
      () => ({ name: 'broadcast.lane', kind: 'job' }),
      async () => {
        workFor({ order: 'abc' })
        expect(currentTrace()).toBeUndefined()
        for (let call = 0; call < 150; call++)
          await calling(
            'call',
            () => ({}),
            async () => {},
          )
      },
      { apart: true },
    )
    expect(begun).toHaveLength(101)
    expect(begun[0]!.attributes).toMatchObject({ 'telekassa.calls': 150 })
  })

  it('what a failed call or job threw is told by its kind, never by its text', async () => {
    const { begun, tracer } = notebook()
    const failing = traced(
      tracer,
      () => ({ name: 'job', kind: 'job' }),
      () =>
        calling(
          'call',
          () => ({}),
          async () => Promise.reject(new TypeError('bot123:SECRET is down')),
        ),
    )
    await expect(failing).rejects.toThrow('SECRET')
    expect(begun.map(({ failed }) => failed)).toEqual(['TypeError', 'TypeError'])
  })
})
