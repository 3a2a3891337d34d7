import type { WaitingAnswer } from '../../../src/shop/web/waiting.ts'
import { post } from '../api.ts'
import { useLive } from '../live.ts'
import { Rest } from '../rest.tsx'
import { replace } from '../router.ts'
import { Loaded, Page, say } from '../ui.tsx'
import { words } from '../words.ts'

/** Shows a plan or an item that waits because the balance is too small for it. */
export function Waiting({ id, back }: { id: string; back: boolean }) {
  const live = useLive<WaitingAnswer>(`/waiting/${id}`)
  const w = words()
  return (
    <Page title={live.data?.title ?? w.loading} back={back}>
      <Loaded live={live}>
        {(order) => (
          <>
            <section class="card" data-waiting={order.state}>
              <p>
                {order.rest
                  ? w.itWaits
                  : order.isItem || order.state !== 'delivered'
                    ? order.stateText
                    : w.planBegun}
                {' · '}
                <b>{order.price}</b>
              </p>
            </section>
            {order.rest && (
              <Rest
                rest={order.rest}
                orderId={id}
                goOn={(draft) => post(`/waiting/${id}/go`, { draft })}
                drop={async () => {
                  await post(`/waiting/${id}/drop`)
                  say(w.dropped)
                  replace(order.isItem ? { page: 'shelf' } : { page: 'plans' })
                }}
                dropWords={w.dropPlan}
              />
            )}
            {order.isItem && order.isBought && (
              <button type="button" class="key primary" onClick={() => replace({ page: 'purchase', id })}>
                {w.seePurchase}
              </button>
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}
