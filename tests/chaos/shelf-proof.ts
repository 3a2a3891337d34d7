import pLimit from 'p-limit'
import { readOrder } from '#shared/money/orders.ts'
import { contentBought } from '#shop/shelf/content.ts'
import { readShop } from './books.ts'
import type { ItemRow, Shop } from './books.ts'
import { friendsOf } from './shelf-buyer.ts'
import type { World } from './world.ts'

/**
 * Goods that are delivered are there once, an order that is not delivered gave nothing, and nobody has two of
 * what each person may have once.
 */
export function shelfProof({ items, orders, wallets }: Pick<Shop, 'items' | 'orders' | 'wallets'>): string[] {
  const wrong: string[] = []
  const had = new Set<string>()
  const available = new Map(wallets.map((one) => [`${one.person} ${one.asset}`, one.available]))
  for (const row of items) {
    const { id, kind, state, owner, gift, item } = row
    const is = state === 'delivered'
    const say = (what: string) => wrong.push(`order ${id} (${kind}) is ${state} ${what}`)
    const got = gotOf(row)
    if (got !== undefined && got !== (is ? 1 : 0)) say(`and got ${got}`)
    if (row.aside > 0 && !WAITING.includes(state)) say(`and keeps ${row.aside} lines`)
    if (is && owner === null) say('and is nobody’s')
    if (gift && !is && owner !== null) say(`and was opened by ${owner}`)
    if (is && !gift && had.has(`${owner} ${item}`)) say(`and ${owner} has it twice`)
    had.add(is ? `${owner} ${item}` : '')
  }
  for (const { id, good, state, person, asset, price } of orders)
    if (
      good === 'item' &&
      state === 'awaiting_payment' &&
      (available.get(`${person} ${asset}`) ?? 0n) >= price
    )
      wrong.push(`order ${id} waits for money that ${person} has`)
  return wrong
}

const WAITING = ['awaiting_payment', 'reserved']

/** How many goods an order of its kind got; undefined for a kind of which everybody gets the same. */
function gotOf({ kind, sold, codes, accesses, result }: ItemRow): number | undefined {
  if (kind === 'stock') return sold
  if (kind === 'code') return codes
  if (kind === 'access') return accesses
  if (kind === 'service') return result ? 1 : 0
  return undefined
}

const SHOWN = /is yours\. Tap the text to copy it:\s+(.+)$/s

/**
 * Reads the chats of everybody who bought from the shelf, and of their friends: each may have been shown only
 * their own goods.
 * @returns how many people were shown what they have bought, and a sentence for each person who saw the goods
 * of another
 */
export async function shownGoods(world: World): Promise<{ shown: number; wrong: string[] }> {
  const shop = await readShop(world)
  const app = { db: world.db, secrets: world.shelf.secrets }
  const people = new Set<number>()
  const theirs = new Map<number, Set<string>>()
  for (const { id, owner, gift, state } of shop.items) {
    const buyer = Number(shop.orders.find((one) => one.id === id)!.person)
    for (const one of [buyer, ...(gift ? friendsOf(buyer) : [])]) people.add(one)
    if (state !== 'delivered') continue
    const content = await contentBought(app, (await readOrder(world.db, id))!)
    const own = theirs.get(Number(owner)) ?? new Set()
    theirs.set(Number(owner), own.add(content ?? ''))
  }
  let shown = 0
  const wrong: string[] = []
  const few = pLimit(8)
  await Promise.all(
    [...people].map((person) =>
      few(async () => {
        // A friend whose turn never came has no chat, because the buyer left the shop before.
        const all = await world
          .phone(person)
          .history()
          .catch((error: unknown) => {
            if (String(error).includes('there is no person')) return []
            throw error
          })
        for (const text of all.flatMap((one) => [one, ...one.edits]).map(({ text = '' }) => text)) {
          const [, content] = SHOWN.exec(text) ?? []
          if (content === undefined) continue
          shown += 1
          const bare = content.replace(/<[^>]+>/g, '').trim()
          if (!theirs.get(person)?.has(bare)) wrong.push(`${person} was shown ${bare}, which is not theirs`)
        }
      }),
    ),
  )
  return { shown, wrong }
}
