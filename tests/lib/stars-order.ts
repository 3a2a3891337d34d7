import type { Db } from '#shared/db/db.ts'
import { createOrder } from '#shared/money/orders.ts'

/** A draft of 50 Stars for somebody's friend at 90 roubles, with all that an order for Stars says. */
export const draftStars = (
  db: Db,
  { id, personId, bot = 'main' }: { id: string; personId: bigint; bot?: string },
) =>
  createOrder(
    db,
    {
      id,
      personId,
      bot,
      good: 'stars',
      asset: 'RUB',
      price: 9_000n,
      details: {
        goods: { kind: 'stars', quantity: 50 },
        recipients: [{ username: 'a', name: 'A', photo: null, hasPremium: null, telegramId: null }],
        way: 'fragment',
        unitPrice: '9000',
        cost: null,
        costRub: null,
      },
    },
    'test',
  )
