import type { OrderAnswer } from '../../../src/shop/web/buying.ts'
import { post } from '../api.ts'
import { useLive } from '../live.ts'
import { go } from '../router.ts'
import { payStars } from '../pay-stars.ts'
import { openLink } from '../telegram.ts'
import { Act, Loaded, Page, say, withoutSign } from '../ui.tsx'
import { words } from '../words.ts'

/** Shows an order as it is now, step by step. */
export function Order({ id, back }: { id: string; back: boolean }) {
  const live = useLive<OrderAnswer>(`/orders/${id}`)
  const w = words()
  return (
    <Page title={withoutSign(live.data?.title ?? w.loading)} back={back}>
      <Loaded live={live}>
        {(order) => (
          <>
            <section class="card" data-order={order.state}>
              <p class="who">
                {order.recipient} · <b>{order.price}</b>
              </p>
              <ul class="steps" aria-live="polite">
                {order.lines.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
              {order.parts.length > 0 && (
                <ul class="steps">
                  {order.parts.map((part) => (
                    <li key={part.id}>
                      {part.recipient} · {part.stateText}
                    </li>
                  ))}
                </ul>
              )}
              {order.trace && (
                <button type="button" class="link" onClick={() => openLink(order.trace!)}>
                  {w.trace}
                </button>
              )}
              <p class="note">
                {w.orderNumber} {order.id} · {order.at}
              </p>
            </section>
            {order.shortage && <Shortage order={order} />}
            {order.isMoving && !order.waits && <p class="note">{w.live}</p>}
            {order.again && (
              <div class="bottom">
                <button type="button" class="key" onClick={() => go({ page: 'good', kind: order.kind })}>
                  {w.buyAgain}
                </button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Shortage({ order }: { order: OrderAnswer }) {
  const { currency, sum, kopecks, invoice, isPaid } = order.shortage!
  const w = words()
  return (
    <section class="card">
      {isPaid ? (
        <Act kind="key primary" run={() => post(`/orders/${order.id}/pay`, { currency })}>
          {w.goOn}
        </Act>
      ) : (
        <p>
          {w.missing}: <b>{sum}</b>
        </p>
      )}
      {invoice && (
        <Act kind="key primary" run={() => payStars(invoice.url)}>
          {w.payStars} · {invoice.stars}
        </Act>
      )}
      {kopecks && (
        <button
          type="button"
          class="key primary"
          onClick={() => go({ page: 'topUp', orderId: order.id, sum: kopecks })}
        >
          {w.payRoubles} {sum}
        </button>
      )}
      <Act
        kind="key"
        run={async () => {
          await post(`/orders/${order.id}/cancel`)
          say(w.cancelled)
        }}
      >
        {w.cancel}
      </Act>
    </section>
  )
}
