import { setTimeout as sleep } from 'node:timers/promises'
import { post, transfer } from '../../src/shared/ledger/ledger.ts'
import { BOT } from './world.ts'
import type { World } from './world.ts'

interface Key {
  text: string
  callback_data?: string
  url?: string
}
interface Bubble {
  message_id: number
  from: string
  deleted: boolean
  text?: string
  inline_keyboard?: Key[][]
}

/** Somebody looks this long for an answer before they tap or type again. */
const LOOK_MS = 6_000
const TRIES = 25

/**
 * A person buys Stars for themselves and pays the rest with Telegram Stars. Taps that a wiped queue swallowed are
 * repeated, as people do; a payment is not: its window has closed.
 * @returns 'paid' when Telegram charged them, else why they gave up
 */
export async function buyStars(world: World, id: number): Promise<string> {
  const chat = `/chats/${BOT.username}/${id}`
  const messages = async () =>
    (await world.control<{ messages: Bubble[] }>(chat)).messages.filter(
      (one) => one.from === 'bot' && !one.deleted,
    )
  const key = async (pattern: RegExp) => {
    for (const message of (await messages()).toReversed()) {
      const found = message.inline_keyboard?.flat().find((one) => pattern.test(one.text))
      if (found) return { message, key: found }
    }
    return undefined
  }
  /** Does it again and again until the key after it is there. */
  const until = async (next: RegExp, act: () => Promise<unknown>) => {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      await act()
      const deadline = performance.now() + LOOK_MS
      while (performance.now() < deadline) {
        const found = await key(next)
        if (found) return found
        await sleep(150)
      }
    }
    throw new Error(`${id} never saw a key ${next}`)
  }
  const press = (pattern: RegExp) => async () => {
    const found = await key(pattern)
    if (!found) return
    const body = { message_id: found.message.message_id, data: found.key.callback_data, timeout_ms: 3_000 }
    await world.control(`${chat}/callbacks`, 'POST', body)
  }

  await world.control('/people', 'POST', {
    id,
    first_name: 'Buyer',
    username: `buyer_${id}`,
    language_code: 'en',
  })
  await until(/Stars/, () => world.control(`${chat}/start`, 'POST', {}))
  // Somebody with tokens is asked to pay the rest in tokens, which Telegram Stars buy. The gift is posted once.
  const words = { reference: `gift-${id}`, kind: 'adjustment' as const }
  const gift = transfer(
    { system: 'adjustments' },
    { person: BigInt(id) },
    { asset: 'TOK', amount: 10n },
    words,
  )
  await until(/Stars/, () => post(world.db, gift).catch(() => undefined))
  await until(/For me/, press(/Stars/))
  await until(/^50 ·/, press(/For me/))
  await until(/Pay the rest and buy .*token/, press(/^50 ·/))
  const invoice = await until(/Pay \d+\s⭐/, press(/Pay the rest and buy .*token/))
  for (let attempt = 0; attempt < TRIES; attempt++) {
    // Telegram cancels when nobody answers its question within 10 s; then nobody was charged, and people try again.
    const { outcome } = await world.control<{ outcome: string }>(`${chat}/payments`, 'POST', {
      slug: invoice.key.url,
    })
    if (outcome === 'paid') return 'paid'
    if (outcome === 'refused') return 'refused'
  }
  return 'gave up'
}
