import { expect, test } from 'vitest'
import { Rejected, Transient, UnknownOutcome } from '#shared/errors.ts'
import { watched } from '#shared/measured.ts'
import { createMetrics } from '#shared/metrics.ts'

test('every call of a provider is counted with its outcome and timed, and nothing else is changed', async () => {
  const metrics = createMetrics()
  const failures = [
    new Rejected('http.404', 'no such invoice'),
    new Rejected('http.401', 'wrong key'),
    new Transient('away'),
    new UnknownOutcome('lost'),
  ]
  const provider = {
    name: 'heleket',
    limits: [1, 2],
    calls: 0,
    async lookup(id: string) {
      this.calls += 1
      const failure = failures[Number(id)]
      if (failure) throw failure
      return `invoice ${id}`
    },
    readWebhook: (body: string) => body.length,
  }
  const doubts: string[] = []
  const known: string[][] = []
  const standing = {
    calls: (...server: string[]) => void known.push(server),
    doubt: (server: string) => void doubts.push(server),
  }
  const counted = watched({ metrics, standing } as never, { ...provider, address: 'https://api.example' })
  expect(await counted.lookup('9')).toBe('invoice 9')
  for (const [id, failure] of failures.entries())
    await expect(counted.lookup(String(id))).rejects.toBe(failure)
  expect(counted.readWebhook('abc')).toBe(3)
  expect([counted.name, counted.limits, counted.calls]).toEqual(['heleket', [1, 2], 5])
  // The vendor is looked at after each call that got no answer, and not after a refusal.
  expect(known).toEqual([['heleket', 'https://api.example']])
  expect(doubts).toEqual(['heleket', 'heleket'])

  const { values } = await metrics.providerRequests.get()
  expect(Object.fromEntries(values.map((one) => [one.labels.outcome, one.value]))).toEqual({
    ok: 1,
    refused: 1,
    forbidden: 1,
    transient: 1,
    unknown: 1,
  })
  expect(new Set(values.map((one) => `${one.labels.provider} ${one.labels.operation}`))).toEqual(
    new Set(['heleket lookup']),
  )
  const timed = await metrics.providerRequestDuration.get()
  expect(timed.values.find((one) => one.metricName?.endsWith('_count'))?.value).toBe(5)
})
