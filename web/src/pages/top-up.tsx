import { useState } from 'preact/hooks'
import type { MethodsAnswer } from '../../../src/shop/web/home.ts'
import type { PaymentAnswer } from '../../../src/shop/web/paying.ts'
import { post } from '../api.ts'
import { once } from '../draft.ts'
import { useLive } from '../live.ts'
import { go, whenMade } from '../router.ts'
import { Act, Loaded, Page } from '../ui.tsx'
import { words } from '../words.ts'

const inRoubles = (kopecks: string): string => {
  const padded = kopecks.padStart(3, '0')
  return `${padded.slice(0, -2)}.${padded.slice(-2)}`
}

/**
 * Takes roubles through a vendor.
 * @param props.missing kopecks that an order or the next period of a plan lacks
 * @param props.method the way that is open at once
 */
export function TopUp(props: { orderId?: string; missing?: string; method?: string; back: boolean }) {
  const { orderId, missing, method: first, back } = props
  const live = useLive<MethodsAnswer>(orderId ? `/methods?orderId=${orderId}` : '/methods')
  const w = words()
  const [chosen, choose] = useState(first)
  return (
    <Page title={w.methods} back={back}>
      <Loaded live={live}>
        {({ methods, byHand }) => (
          <>
            {methods.length === 0 && !byHand && <p class="note">{w.noMethods}</p>}
            {methods.map((method) => (
              <section class="card" key={method.name}>
                <button
                  type="button"
                  class="row"
                  aria-expanded={chosen === method.name}
                  onClick={() => choose(method.name)}
                >
                  <span>
                    <b>{method.title}</b>
                    <small>{method.hint}</small>
                  </span>
                  <small class="end">{method.limits}</small>
                </button>
                {chosen === method.name && <Sums method={method} orderId={orderId} missing={missing} />}
              </section>
            ))}
            {byHand && (
              <section class="card">
                <button
                  type="button"
                  class="row"
                  onClick={() =>
                    go({ page: 'byHand', ...(orderId && { orderId }), ...(missing && { sum: missing }) })
                  }
                >
                  <span>
                    <b>{w.byHand}</b>
                    <small>{w.byHandHint}</small>
                  </span>
                  <span class="end" aria-hidden="true">
                    ›
                  </span>
                </button>
              </section>
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Sums(props: { method: MethodsAnswer['methods'][number]; orderId?: string; missing?: string }) {
  const { method, orderId, missing } = props
  const w = words()
  const [own, setOwn] = useState(missing ? inRoubles(missing) : '')
  const [email, setEmail] = useState(method.email ?? '')
  const wantsEmail = method.email !== null
  const isReady = own.trim() !== '' && !(wantsEmail && email.trim() === '')
  const pay = async (sum: string, keep = false) => {
    const show = whenMade()
    const ask = { method: method.name, sum, orderId, ...(wantsEmail && { email }), ...(keep && { keep }) }
    const { id } = await once(`top-up ${JSON.stringify(ask)}`, (draft) =>
      post<PaymentAnswer>('/top-ups', { ...ask, draft }),
    )
    show({ page: 'payment', id })
  }
  return (
    <>
      {wantsEmail && (
        <div class="field">
          <label for={`email-${method.name}`}>{w.receiptEmail}</label>
          <input
            id={`email-${method.name}`}
            type="email"
            inputMode="email"
            autocomplete="email"
            autocapitalize="none"
            spellcheck={false}
            value={email}
            aria-describedby={`email-${method.name}-hint`}
            onInput={({ currentTarget }) => setEmail(currentTarget.value)}
          />
          <p id={`email-${method.name}-hint`} class="note">
            {w.receiptEmailHint}
          </p>
        </div>
      )}
      {!missing && (
        <div class="packs">
          {method.sums.map(({ kopecks, title }) => (
            <Act kind="pack" key={kopecks} run={() => pay(inRoubles(kopecks))}>
              <b>{title}</b>
            </Act>
          ))}
        </div>
      )}
      <div class="field">
        <label for={`sum-${method.name}`}>{missing ? w.sum : w.otherSum}</label>
        <input
          id={`sum-${method.name}`}
          inputMode="decimal"
          autocomplete="off"
          value={own}
          onInput={({ currentTarget }) => setOwn(currentTarget.value)}
        />
      </div>
      <Act kind="key primary" disabled={!isReady} run={() => pay(own)}>
        {w.goOn}
      </Act>
      {method.keep && (
        <>
          <Act disabled={!isReady} run={() => pay(own, true)}>
            {method.keep.title}
          </Act>
          <p class="note">{method.keep.hint}</p>
        </>
      )}
    </>
  )
}
