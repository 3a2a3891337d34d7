/** One line of Prometheus text. */
export interface Metric {
  name: string
  labels: Record<string, string>
  value: number
}

export interface ProductState {
  /** none: there is no product to ask; away: the product does not answer; up: it answers. */
  state: 'none' | 'away' | 'up'
  ready?: { ok: boolean; body: string }
  metrics: Metric[]
}

const TIMEOUT_MS = 1_500
const MAX_BODY = 2_000

/** Reads the product's /readyz and /metrics. Never throws, because an unreachable product is a state, not an error. */
export async function readProduct(url: string | undefined): Promise<ProductState> {
  if (!url) return { state: 'none', metrics: [] }
  try {
    const [ready, metrics] = await Promise.all([get(`${url}/readyz`), get(`${url}/metrics`)])
    return {
      state: 'up',
      ready: { ok: ready.ok, body: (await ready.text()).slice(0, MAX_BODY) },
      metrics: metrics.ok ? parseMetrics(await metrics.text()) : [],
    }
  } catch {
    return { state: 'away', metrics: [] }
  }
}

const get = (url: string) => fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' })

/** The product's own metrics out of Prometheus text, without buckets and without metrics of others. */
export function parseMetrics(text: string): Metric[] {
  return text.split('\n').flatMap((line) => {
    const found = /^(telekassa_\w+)(?:\{(.*)\})? (\S+)/.exec(line)
    if (!found || found[1]!.endsWith('_bucket')) return []
    const value = Number(found[3])
    if (!Number.isFinite(value)) return []
    const labels = Object.fromEntries(
      [...(found[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((pair) => [
        pair[1]!,
        unescape(pair[2]!),
      ]),
    )
    return [{ name: found[1]!, labels, value }]
  })
}

const unescape = (text: string) =>
  text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
