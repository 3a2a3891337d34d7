import type { OrdersAnswer } from '../../../src/shop/web/home.ts'
import { OrderRow } from '../order-row.tsx'
import { Paged } from '../paged.tsx'
import { go } from '../router.ts'
import { Page } from '../ui.tsx'
import { words } from '../words.ts'

export function Orders() {
  const w = words()
  return (
    <Page title={w.orders}>
      <Paged<OrdersAnswer> path="/orders">
        {({ orders }, page) => (
          <>
            {orders.length === 0 && page === 0 && (
              <>
                <p class="note">{w.noOrders}</p>
                <div class="bottom">
                  <button type="button" class="key" onClick={() => go({ page: 'pictures' })}>
                    {w.pictures}
                  </button>
                  <button type="button" class="key" onClick={() => go({ page: 'purchases' })}>
                    {w.purchases}
                  </button>
                </div>
              </>
            )}
            {orders.length > 0 && (
              <ul class="list">
                {orders.map((order) => (
                  <OrderRow order={order} key={order.id} />
                ))}
              </ul>
            )}
          </>
        )}
      </Paged>
    </Page>
  )
}
