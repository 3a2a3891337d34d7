/** Moscow keeps UTC+3 all year. Admins type and read Moscow time, and the texts name the zone. */
export const MOSCOW_OFFSET = '+03:00'
export const MOSCOW_MS = 3 * 3_600_000

/** The Moscow time of a moment, as `2026-11-29T07:45`. */
export const inMoscow = (at: Date): string => new Date(at.getTime() + MOSCOW_MS).toISOString().slice(0, 16)
