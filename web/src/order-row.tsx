import type { HomeAnswer } from '../../src/shop/web/home.ts'
import { go } from './router.ts'
import { withoutSign } from './ui.tsx'

/** An order as a line of a list. */
export function OrderRow({ order }: { order: HomeAnswer['orders'][number] }) {
  return (
    <li>
      <button type="button" class="row" onClick={() => go({ page: 'order', id: order.id })}>
        <span>
          <b>{withoutSign(order.title)}</b>
          <small>
            {order.recipient} · {order.at}
          </small>
        </span>
        <span class="end">
          <b>{order.price}</b>
          <small data-state={order.state}>{order.stateText}</small>
        </span>
      </button>
    </li>
  )
}
