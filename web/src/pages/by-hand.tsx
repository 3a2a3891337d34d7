import { useState } from 'preact/hooks'
import type { ByHandAnswer, RequestAnswer } from '../../../src/shop/web/by-hand.ts'
import { post } from '../api.ts'
import { once } from '../draft.ts'
import { useLive } from '../live.ts'
import type { Problem } from '../problem.ts'
import { replace, whenMade } from '../router.ts'
import { Act, Loaded, Page } from '../ui.tsx'
import { words } from '../words.ts'

/**
 * A transfer that admins check: the person chooses the way and the sum.
 * @param props.missing kopecks that an order lacks
 */
export function ByHand({ orderId, missing, back }: { orderId?: string; missing?: string; back: boolean }) {
  const live = useLive<ByHandAnswer>('/by-hand')
  const w = words()
  return (
    <Page title={w.byHand} back={back}>
      <p class="note">{w.byHandHint}</p>
      <Loaded live={live}>
        {(offer) =>
          offer.open !== null ? (
            <section class="card">
              <p>{w.byHandOpen}</p>
              <button
                type="button"
                class="key primary"
                onClick={() => replace({ page: 'request', id: offer.open! })}
              >
                {w.openRequest}
              </button>
            </section>
          ) : offer.methods.length === 0 ? (
            <p class="note">{w.noByHand}</p>
          ) : (
            <Wish offer={offer} orderId={orderId} missing={missing} again={live.reload} />
          )
        }
      </Loaded>
    </Page>
  )
}

function Wish(props: { offer: ByHandAnswer; orderId?: string; missing?: string; again: () => void }) {
  const { offer, orderId, missing, again } = props
  const w = words()
  const [method, choose] = useState(offer.methods[0]!.name)
  const begin = async (kind: 'r' | 't', count: string) => {
    const show = whenMade()
    try {
      const ask = { method, kind, count, ...(orderId && { orderId }) }
      const { id } = await once(`request ${JSON.stringify(ask)}`, (draft) =>
        post<RequestAnswer>('/requests', { ...ask, draft }),
      )
      show({ page: 'request', id })
    } catch (error) {
      // Another tab was faster, or the sums have changed, so the page is loaded again.
      if ((error as Problem).code !== 'offline') again()
      throw error
    }
  }
  return (
    <>
      <fieldset>
        <legend>{w.methods}</legend>
        <div class="chips">
          {offer.methods.map(({ name, title }) => (
            <label key={name}>
              <input type="radio" name="method" checked={name === method} onChange={() => choose(name)} />
              {title}
            </label>
          ))}
        </div>
      </fieldset>
      {orderId && missing ? (
        <Act kind="key primary" run={() => begin('r', missing)}>
          {w.goOn}
        </Act>
      ) : (
        <>
          <h2>{w.howMuch}</h2>
          <div class="packs">
            {offer.sums.map(({ count, title }) => (
              <Act kind="pack" key={count} run={() => begin('r', count)}>
                <b>{title}</b>
              </Act>
            ))}
          </div>
          {offer.packs.length > 0 && <h2>{w.orTokens}</h2>}
          <div class="packs">
            {offer.packs.map(({ count, title, price }) => (
              <Act kind="pack" key={count} run={() => begin('t', count)}>
                <b>{title}</b>
                <span>{price}</span>
              </Act>
            ))}
          </div>
        </>
      )}
    </>
  )
}
