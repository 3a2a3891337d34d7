import type { PurchaseAnswer, PurchasesAnswer } from '../../../src/shop/web/purchases.ts'
import { useState } from 'preact/hooks'
import { getFile, post } from '../api.ts'
import { useLive } from '../live.ts'
import { Paged } from '../paged.tsx'
import { saveAs } from '../problem.ts'
import { go } from '../router.ts'
import { openTelegram } from '../telegram.ts'
import { Act, Copy, InChat, Loaded, Page } from '../ui.tsx'
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
              {one.file !== null && (
                <Act kind="key primary" run={() => save(id, one.file!)}>
                  {w.saveFile}
                </Act>
              )}
              {one.content !== null && <Copy text={one.content}>{w.copyGoods}</Copy>}
              {one.share !== null && (
                <button type="button" class="key primary" onClick={() => openTelegram(one.share!)}>
                  {w.sendGift}
                </button>
              )}
              {one.link !== null && <Copy text={one.link}>{w.copyLink}</Copy>}
              {one.takesBack !== null && <GiftBack id={id} question={one.takesBack} done={live.reload} />}
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

async function save(id: string, name: string): Promise<void> {
  const address = await getFile(`/purchases/${id}/file`)
  saveAs(name, address)
  URL.revokeObjectURL(address)
}

/** Asks before it takes a gift back, because its link stops working. */
function GiftBack({ id, question, done }: { id: string; question: string; done: () => void }) {
  const [asks, setAsks] = useState(false)
  const w = words()
  if (!asks)
    return (
      <button type="button" class="key" onClick={() => setAsks(true)}>
        {w.giftBack}
      </button>
    )
  return (
    <section class="card" role="alert">
      <p class="quote">{question}</p>
      <Act
        run={async () => {
          await post(`/purchases/${id}/back`).finally(done)
        }}
      >
        {w.giftBack}
      </Act>
      <button type="button" class="link" onClick={() => setAsks(false)}>
        {w.giftKept}
      </button>
    </section>
  )
}
