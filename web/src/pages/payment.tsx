import type { PaymentAnswer } from '../../../src/shop/web/paying.ts'
import { post } from '../api.ts'
import { useLive } from '../live.ts'
import { replace } from '../router.ts'
import { openLink } from '../telegram.ts'
import { Act, Loaded, Page, say } from '../ui.tsx'
import { words } from '../words.ts'

/** Shows a payment as it is now: its link, and how far the money has come. */
export function Payment({ id, back }: { id: string; back: boolean }) {
  const live = useLive<PaymentAnswer>(`/payments/${id}`)
  const w = words()
  return (
    <Page title={w.payment} back={back}>
      <Loaded live={live}>
        {(payment) => (
          <>
            <section class="card" data-payment={payment.state}>
              <h2>{payment.title}</h2>
              <ul class="steps" aria-live="polite">
                {payment.lines.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </section>
            <div class="bottom">
              {payment.payUrl && (
                <button type="button" class="key primary" onClick={() => openLink(payment.payUrl!)}>
                  {w.openInvoice} · {payment.sum}
                </button>
              )}
              {payment.payUrl && (
                <Act
                  run={async () => {
                    await post(`/payments/${id}/check`)
                    say(w.asking)
                  }}
                >
                  {w.iPaid}
                </Act>
              )}
              {payment.rest && (
                <Act kind="key primary" run={() => post(`/payments/${id}/take`)}>
                  {w.takeRest} · {payment.rest}
                </Act>
              )}
              {payment.order && (
                <button type="button" class="key" onClick={() => replace(payment.order!)}>
                  {w.toOrder}
                </button>
              )}
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}
