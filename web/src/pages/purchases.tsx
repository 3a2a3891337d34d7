import type { PurchaseAnswer, PurchasesAnswer } from '../../../src/shop/web/shelf.ts'
import { useLive } from '../live.ts'
import { Paged } from '../paged.tsx'
import { go } from '../router.ts'
import { openTelegram } from '../telegram.ts'
import { Copy, InChat, Loaded, Page } from '../ui.tsx'
import { words } from '../words.ts'

/** What was bought of the shop's own goods, gifts with it. */
export function Purchases({ back }: { back: boolean }) {
  const w = words()
  return (
    <Page title={w.purchases} back={back}>
      <Paged<PurchasesAnswer> path="/purchases">
        {({ purchases }, page) => (
          <>
            {purchases.length === 0 && page === 0 && <p class="note">{w.noPurchases}</p>}
            {purchases.length > 0 && (
              <ul class="list">
                {purchases.map((one) => (
                  <li key={one.id}>
                    <button type="button" class="row" onClick={() => go({ page: 'purchase', id: one.id })}>
                      <span>
                        <b>{one.name}</b>
                        <small>{one.isGift ? `${w.gift} · ${one.at}` : one.at}</small>
                      </span>
                      <small class="end">{one.stateText}</small>
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </Paged>
    </Page>
  )
}

/** What the buyer got, or how far it is. */
export function Purchase({ id, back }: { id: string; back: boolean }) {
  const live = useLive<PurchaseAnswer>(`/purchases/${id}`)
  const w = words()
  return (
    <Page title={live.data?.name ?? w.loading} back={back}>
      <Loaded live={live}>
        {(one) => (
          <>
            <section class="card" data-purchase={one.state}>
              <p class="quote" aria-live="polite">
                {one.text}
              </p>
              <p class="note">
                {w.orderNumber} {one.id} · {one.price} · {one.at}
              </p>
            </section>
            <div class="bottom">
              {one.content !== null && <Copy text={one.content}>{w.copyGoods}</Copy>}
              {one.share !== null && (
                <button type="button" class="key primary" onClick={() => openTelegram(one.share!)}>
                  {w.sendGift}
                </button>
              )}
              {one.link !== null && <Copy text={one.link}>{w.copyLink}</Copy>}
              {one.door !== null && (
                <button type="button" class="key primary" onClick={() => openTelegram(one.door!)}>
                  {w.enter}
                </button>
              )}
              {one.prolongs !== null && (
                <button type="button" class="key" onClick={() => go({ page: 'item', id: one.prolongs! })}>
                  {w.prolong}
                </button>
              )}
            </div>
            <InChat />
          </>
        )}
      </Loaded>
    </Page>
  )
}
