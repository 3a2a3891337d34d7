import { sql as q } from 'kysely'
import { UserError } from '#shared/errors.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Asset } from '#shared/money.ts'
import { createSecrets } from '#shared/secrets.ts'
import { addLines } from '#shop/shelf/add-lines.ts'
import { sealAnswers } from '#shop/shelf/asks.ts'
import type { AskedField } from '#shop/shelf/asks.ts'
import { awaitItem, buyItem } from '#shop/shelf/buy.ts'
import type { Wish } from '#shop/shelf/buy.ts'
import { saveItem, setContent } from '#shop/shelf/manage.ts'
import type { ItemChange } from '#shop/shelf/manage.ts'
import { contentBought } from '#shop/shelf/content.ts'
import { sealContent, shelfSecrets } from '#shop/shelf/seal.ts'
import { resumeAwaitedItem } from '#shop/shelf/worker/resume-item.ts'
import type { WalletShop } from './wallet-shop.ts'

/** The questions of a service, as an owner names them. */
export const ASKS: AskedField[] = [
  { type: 'text', name: { ru: 'Ник', en: 'Name' } },
  { type: 'choice', name: { ru: 'Сервер', en: 'Server' }, options: ['EU', 'US'] },
]

/** Items, stock and buyers beside a wallet shop. */
export async function shelfOf(shop: Pick<WalletShop, 'db'>) {
  const { db } = shop
  const secrets = createSecrets(Buffer.alloc(32, 7).toString('base64'))
  const keys = await shelfSecrets({ db, secrets })
  let uploads = 0
  let presses = 0
  const wish = (personId: bigint, itemId: bigint, more: Partial<Wish> = {}): Wish => ({
    id: `press-${presses++}`,
    itemId,
    personId,
    bot: 'shop',
    name: ({ name }) => name.en,
    roubles: { agreed: 0n, rate: 1n },
    shelf: keys,
    actor: `person:${personId}`,
    ...more,
  })
  const fill = async (itemId: bigint, lines: Iterable<string>, upload = `upload-${uploads++}`) =>
    addLines(db, await shelfSecrets({ db, secrets }), { itemId, upload }, lines)
  return {
    secrets,
    /** The keys that seal stock and filled-in forms. */
    keys,
    /** Buys a service; `values` are what the buyer filled in. */
    service(personId: bigint, itemId: bigint, values: string[] = [], more: Partial<Wish> = {}): Wish {
      const made = wish(personId, itemId, more)
      const given = sealAnswers(keys, made.id, { asks: ASKS.slice(0, values.length), values })
      return values.length > 0 ? { ...made, given } : made
    },
    wish,
    fill,
    async item(change: ItemChange = {}, lines: readonly string[] = []): Promise<bigint> {
      const { id } = await db.tx((tx) =>
        saveItem(
          tx,
          undefined,
          { kind: 'stock', name: { ru: 'Ключ', en: 'Key' }, asset: 'RUB', price: 500n, ...change },
          1n,
        ),
      )
      if (change.kind === 'text')
        await setContent(db, id, sealContent(await shelfSecrets({ db, secrets }), id, lines.join('\n')))
      else if (lines.length > 0) await fill(id, [lines.join('\n')])
      return id
    },
    async give(personId: bigint, amount: bigint, asset: Asset = 'RUB') {
      await post(
        db,
        transfer(
          { system: 'adjustments' },
          { person: personId },
          { asset, amount },
          {
            reference: `given-${personId}-${presses++}`,
            kind: 'entry',
          },
        ),
      )
    },
    buy: (what: Wish) => db.tx((tx) => buyItem(tx, what)),
    wait: (what: Wish) => db.tx((tx) => awaitItem(tx, what)),
    states: async (itemId: bigint) =>
      (
        await db.rows(
          q<{ state: string }>`select state from shelf_lines where item_id = ${itemId} order by id`,
        )
      ).map(({ state }) => state),
  }
}

export type Shelf = Awaited<ReturnType<typeof shelfOf>>

export const code = (error: unknown) => (error instanceof UserError ? error.code : String(error))
/** `done`, or the code of the error by which the work was refused. */
export const refused = (work: Promise<unknown>) => work.then(() => 'done', code)

/** What tests of a shelf do most. @param open the shop and its shelf, which a file opens before its tests */
export function onShelf(open: () => { shop: WalletShop; shelf: Shelf }) {
  let last = 0
  const app = () => ({ ...open().shop, secrets: open().shelf.secrets })
  return {
    app,
    /** A person with so many kopecks. */
    buyer: async (kopecks = 0n): Promise<bigint> => {
      const { shop, shelf } = open()
      const id = await shop.person(++last)
      if (kopecks > 0n) await shelf.give(id, kopecks)
      return id
    },
    /** What the buyer of an order is shown. */
    seen: async (order: string) => contentBought(app(), (await readOrder(app().db, order))!),
    resume: (orderId: string, paymentId = 'balance-1') => resumeAwaitedItem(app(), { orderId, paymentId }),
  }
}
