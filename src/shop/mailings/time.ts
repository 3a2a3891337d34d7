import { MOSCOW_MS } from '#shared/i18n/moscow.ts'

const MINUTE_MS = 60_000

/**
 * A time as admins write it: «18:30» (the next one), «21.11 18:30», «21.11.2026 18:30», «+2ч», "+30m". Moscow time.
 * @returns undefined when it is no time, or a past one
 */
export function parseTime(text: string, now: Date): Date | undefined {
  const plain = text.trim().toLowerCase()
  const ahead = /^\+\s*(\d{1,4})\s*(ч|h|м|мин|m|min)\.?$/.exec(plain)
  if (ahead) {
    const minutes = Number(ahead[1]) * (/^(ч|h)/.test(ahead[2]!) ? 60 : 1)
    return minutes > 0 ? new Date(now.getTime() + minutes * MINUTE_MS) : undefined
  }
  const match = /^(?:(\d{1,2})\.(\d{1,2})(?:\.(\d{4}))?\s+)?(\d{1,2}):(\d{2})$/.exec(plain)
  if (!match) return undefined
  const [, day, month, year, hour, minute] = match
  if (Number(hour) > 23 || Number(minute) > 59) return undefined
  const here = new Date(now.getTime() + MOSCOW_MS)
  const at = (y: number, m: number, d: number) => Date.UTC(y, m, d, Number(hour), Number(minute)) - MOSCOW_MS
  if (day === undefined) {
    const today = at(here.getUTCFullYear(), here.getUTCMonth(), here.getUTCDate())
    return new Date(today > now.getTime() ? today : today + 24 * 60 * MINUTE_MS)
  }
  const y = year === undefined ? here.getUTCFullYear() : Number(year)
  let found = at(y, Number(month) - 1, Number(day))
  // A date without a year that is over is next year's.
  if (year === undefined && found <= now.getTime()) found = at(y + 1, Number(month) - 1, Number(day))
  const date = new Date(found + MOSCOW_MS)
  const real = date.getUTCDate() === Number(day) && date.getUTCMonth() === Number(month) - 1
  return real && found > now.getTime() ? new Date(found) : undefined
}
