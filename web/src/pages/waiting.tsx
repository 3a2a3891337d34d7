import type { WaitingAnswer } from '../../../src/shop/web/waiting.ts'
import { post } from '../api.ts'
import { useLive } from '../live.ts'
import { Rest } from '../rest.tsx'
import { replace } from '../router.ts'
import { Loaded, Page, say } from '../ui.tsx'
import { words } from '../words.ts'

/** Shows a plan that waits because the balance is too small for it. */
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
                {order.state === 'delivered' ? w.planBegun : order.rest ? w.planWaits : order.stateText}
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
                  replace({ page: 'plans' })
                }}
                dropWords={w.dropPlan}
              />
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}
