import type { Clock } from '@telekassa/telegram-sandbox/lib/clock'

const TIMEOUT_MS = 15_000
const TRIES = 3
const PAUSE_MS = 1000

/** Posts a callback, at most three times, until it is answered with 2xx within 15 s. */
export function deliver(
  clock: Clock,
  url: string,
  body: string,
  headers: () => Record<string, string>,
  tries = TRIES,
): void {
  fetch(url, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/json', ...headers() },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'manual',
  })
    .then((response) => response.ok)
    .catch(() => false)
    .then((delivered) => {
      if (!delivered && tries > 1) {
        clock.after(PAUSE_MS, () => deliver(clock, url, body, headers, tries - 1))
      }
    })
    .catch(console.error)
}
