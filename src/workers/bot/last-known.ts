import type { Balance } from '#shared/money/read.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'

/** A person's available money at a certain moment: minor units as text, by asset. */
export interface KnownBalance {
  at: number
  available: Record<string, string>
}

/** The last known balance of people, shown while the database is away. No decision is based on it. */
export interface LastKnown {
  keep(personId: bigint, wallet: readonly Balance[]): void
  read(personId: bigint): Promise<KnownBalance | undefined>
}

const KEPT_SECONDS = 30 * 86_400
const REMEMBERED = 50_000
/** An unchanged balance is written again after this time, so that other processes do not keep showing an old time. */
const WRITTEN_AGAIN_MS = 60_000

/**
 * Keeps a person's last known balance in Redis where there is one, so that other workers and restarted ones know it,
 * and in this process.
 */
export function createLastKnown(backend: Pick<QueueBackend, 'redis' | 'key'>): LastKnown {
  const here = new Map<bigint, KnownBalance & { writtenAt: number; text: string }>()
  const keyOf = (personId: bigint) => backend.key(`last-known-balance:${personId}`)
  return {
    keep(personId, wallet) {
      const some = wallet.filter(({ available }) => available > 0n)
      const available = Object.fromEntries(some.map((one) => [one.asset, String(one.available)]))
      const [known, text, before] = [
        { at: Date.now(), available },
        JSON.stringify(available),
        here.get(personId),
      ]
      const isThere = before?.text === text && known.at - before.writtenAt < WRITTEN_AGAIN_MS
      if (here.size >= REMEMBERED) here.clear()
      here.set(personId, { ...known, text, writtenAt: isThere ? before.writtenAt : known.at })
      if (isThere) return
      backend.redis?.set(keyOf(personId), JSON.stringify(known), 'EX', KEPT_SECONDS).catch(() => {
        const mine = here.get(personId)
        if (mine) mine.writtenAt = 0
      })
    },
    async read(personId) {
      const text = await backend.redis?.get(keyOf(personId)).catch(() => null)
      const shared = text ? (JSON.parse(text) as KnownBalance) : undefined
      const own = here.get(personId)
      return own && (!shared || own.at > shared.at) ? own : shared
    },
  }
}
