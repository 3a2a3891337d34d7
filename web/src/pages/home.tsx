import { useEffect, useMemo } from 'preact/hooks'
import type { HomeAnswer } from '../../../src/shop/web/home.ts'
import type { PackAnswer } from '../../../src/shop/web/paying.ts'
import { post } from '../api.ts'
import { newDraft } from '../draft.ts'
import { useLive } from '../live.ts'
import { Icon } from '../icon.tsx'
import { OrderRow } from '../order-row.tsx'
import type { Problem } from '../problem.ts'
import { enter, go } from '../router.ts'
import { payStars } from '../pay-stars.ts'
import { Act, InChat, Loaded, Page, withoutSign } from '../ui.tsx'
import { speak } from '../languages.ts'
import { words } from '../words.ts'

export function Home() {
  const live = useLive<HomeAnswer>('/home')
  const w = words()
  const language = live.data?.language
  useEffect(() => language && speak(language), [language])
  return (
    <Page title={w.shop}>
      <Loaded live={live}>
        {({ balance, goods, pictures, shelf, orders, packs }) => (
          <>
            <Balance balance={balance} />
            <h2>{w.goods}</h2>
            <div class="tiles">
              {goods.map((good) => (
                <button
                  type="button"
                  class="tile"
                  key={good.kind}
                  disabled={good.stopped}
                  onClick={() => go({ page: 'good', kind: good.kind })}
                >
                  <Icon name={good.kind} />
                  <b>{withoutSign(good.title)}</b>
                  <small>{good.stopped ? w.stopped : `${w.from} ${good.from}`}</small>
                </button>
              ))}
              {pictures && (
                <button type="button" class="tile wide" onClick={() => go({ page: 'pictures' })}>
                  <Icon name="pictures" />
                  <b>{w.pictures}</b>
                  <small>
                    {w.from} {pictures.from}
                  </small>
                </button>
              )}
              {shelf !== null && (
                <button type="button" class="tile wide" onClick={() => go({ page: 'shelf' })}>
                  <Icon name="shelf" />
                  <b>{withoutSign(shelf)}</b>
                  <small>{w.shelfHint}</small>
                </button>
              )}
            </div>
            <Packs packs={packs} again={live.reload} />
            {orders.length > 0 && (
              <>
                <h2>{w.newest}</h2>
                <ul class="list">
                  {orders.map((order) => (
                    <OrderRow order={order} key={order.id} />
                  ))}
                </ul>
                <button type="button" class="link" onClick={() => enter({ page: 'orders' })}>
                  {w.all}
                </button>
              </>
            )}
            <InChat />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Balance({ balance }: Pick<HomeAnswer, 'balance'>) {
  const [first, ...others] = balance
  const w = words()
  return (
    <section class="wallet" aria-label={w.balance}>
      <div>
        <small>{w.balance}</small>
        <strong data-balance={first?.asset}>{first?.sum}</strong>
        <p>
          {others.map((one) => (
            <span key={one.asset} data-balance={one.asset}>
              {one.sum}
            </span>
          ))}
        </p>
        {balance.map((one) => one.held && <small key={one.asset}>{one.held}</small>)}
      </div>
      <button type="button" class="key" onClick={() => go({ page: 'topUp' })}>
        {w.topUp}
      </button>
    </section>
  )
}

/** Sells tokens for Stars: the invoice opens over the page, and the balance above shows when the tokens have come. */
function Packs({ packs, again }: Pick<HomeAnswer, 'packs'> & { again: () => void }) {
  const w = words()
  // After an invoice was opened, the pack's next press is a new payment. A press that repeats itself is the same
  // payment.
  const drafts = useMemo(() => new Map(packs.map(({ tokens }) => [tokens, newDraft()])), [packs])
  const buy = async ({ tokens, rate }: HomeAnswer['packs'][number]) => {
    try {
      const { link } = await post<PackAnswer>('/packs', { tokens, rate, draft: drafts.get(tokens) })
      if (await payStars(link)) drafts.set(tokens, newDraft())
    } catch (error) {
      // If the price has changed or the invoice is over, the page shows the present packs and makes new invoices.
      const { code } = error as Problem
      if (code === 'web.price' || code === 'web.invoice-over') again()
      throw error
    }
  }
  return (
    <>
      <h2>{w.tokens}</h2>
      <p class="note">{w.tokensHint}</p>
      <div class="packs">
        {packs.map((pack) => (
          <Act kind="pack" key={pack.tokens} run={() => buy(pack)}>
            <b>{pack.title}</b>
            <span>{pack.price}</span>
          </Act>
        ))}
      </div>
    </>
  )
}
