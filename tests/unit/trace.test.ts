import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { download } from '#shared/download.ts'
import { sendCall } from '#shared/http.ts'
import { resellerClient } from '#shop/stars-premium/reseller/client.ts'
import { memoryTokenStore } from '#shop/stars-premium/reseller/token-store.ts'
import { currentTrace, outsideTraces, traceIdOf, traced, calling, workFor } from '#shared/trace/trace.ts'
import type { SpanStart, Tracer } from '#shared/trace/trace.ts'

/** A tracer that writes down all spans. */
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
  test('without a tracer a job and its calls are only their work: nothing is built, nothing is remembered', async () => {
    const never = () => {
      throw new Error('asked for')
    }
    const result = await traced(undefined, never, () =>
      calling('call', never, async () => currentTrace() ?? 'none'),
    )
    expect(result).toBe('none')
  })

  test('a job goes over into the trace of the first order that it works for, linked with what led there', async () => {
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

  test('a job about many orders hands its trace on to none of them, and shows its first hundred calls', async () => {
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

  test('what a failed call or job threw is told by its kind, never by its text', async () => {
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

  test('calls to providers and downloads are spans with host and status, and neither a name of somebody nor an address', async () => {
    const { begun, tracer } = notebook()
    const server = createServer((request, response) => {
      response
        .writeHead(request.url === '/file' ? 200 : 404, { 'content-type': 'application/json' })
        .end('{}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const client = resellerClient({
      baseUrl: url,
      presetJwt: 'jwt-secret',
      store: memoryTokenStore(),
    } as never)
    try {
      await traced(
        tracer,
        () => ({ name: 'job', kind: 'job' }),
        async () => {
          await client.get('/misc/user/wilhelmina_private/', undefined, [404])
          await client.get('/order/0f1e2d/', undefined, [404])
          await sendCall({ name: 'heleket payment/info', method: 'POST', url, changes: true, expect: [404] })
          await download(`${url}/file`, { maxBytes: 100, timeoutMs: 60_000, allowLoopback: true })
        },
      )
    } finally {
      server.close()
    }
    const calls = begun.slice(1)
    expect(calls.map(({ name }) => name)).toEqual([
      'fragment /misc/user',
      'fragment /order',
      'heleket payment/info',
      'download',
    ])
    expect(calls.map(({ attributes }) => attributes!['server.address'])).toEqual(Array(4).fill('127.0.0.1'))
    expect(calls[2]!.attributes).toMatchObject({
      'http.response.status_code': 404,
      'http.request.method': 'POST',
    })
    expect(JSON.stringify(begun)).not.toMatch(/wilhelmina|0f1e2d|jwt-secret|http:/)
  })
})
