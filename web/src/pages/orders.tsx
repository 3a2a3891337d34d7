import { useState } from 'preact/hooks'
import type { OrdersAnswer } from '../../../src/shop/web/home.ts'
import { useLive } from '../live.ts'
import { OrderRow } from '../order-row.tsx'
import { Loaded, Page } from '../ui.tsx'
import { words } from '../words.ts'

export function Orders() {
  const [pages, setPages] = useState(1)
  const w = words()
  return (
    <Page title={w.orders}>
      {Array.from({ length: pages }, (_, page) => (
        <OnePage page={page} key={page} last={page === pages - 1} more={() => setPages(page + 2)} />
      ))}
    </Page>
  )
}

function OnePage({ page, last, more }: { page: number; last: boolean; more: () => void }) {
  const live = useLive<OrdersAnswer>(`/orders?page=${page}`)
  const w = words()
  return (
    <Loaded live={live}>
      {({ orders, next }) => (
        <>
          {orders.length === 0 && page === 0 && <p class="note">{w.noOrders}</p>}
          {orders.length > 0 && (
            <ul class="list">
              {orders.map((order) => (
                <OrderRow order={order} key={order.id} />
              ))}
            </ul>
          )}
          {last && next !== null && (
            <button type="button" class="link" onClick={more}>
              {w.older}
            </button>
          )}
        </>
      )}
    </Loaded>
  )
}
