import type { PanelHomeAnswer } from '../../../../src/shop/web/panel/home.ts'
import type { MeAnswer } from '../../../../src/shop/web/panel/session-routes.ts'
import { useLive } from '../../live.ts'
import { Loaded, withoutSign } from '../../ui.tsx'
import { Go, PanelPage } from '../parts.tsx'
import { say } from '../words.ts'

export function Home({ me }: { me: MeAnswer }) {
  const live = useLive<PanelHomeAnswer>('/home')
  const w = say()
  const names = { in: w.moneyIn, back: w.moneyBack, sold: w.sold }
  return (
    <PanelPage title={w.home}>
      <Loaded live={live}>
        {({ waiting, money, stopped }) => (
          <>
            {stopped.length > 0 && (
              <section class="card" role="alert">
                <h2>{w.doesNotSell}</h2>
                {stopped.map(({ text, since }) => (
                  <p key={text}>
                    {text} · {since}
                  </p>
                ))}
              </section>
            )}
            <section>
              <h2>{w.waits}</h2>
              {waiting.every(({ count }) => count === 0) && <p class="note">{w.quiet}</p>}
              <ul class="counts">
                {waiting.map(({ title, count, opens, since }) => (
                  <li key={title} data-some={count !== 0}>
                    {opens === null ? (
                      <Count title={title} count={count} hint={w.inChat} />
                    ) : (
                      <Go to={opens}>
                        <Count title={title} count={count} {...(since !== null && { hint: since })} />
                      </Go>
                    )}
                  </li>
                ))}
              </ul>
            </section>
            <section>
              <h2>{w.today}</h2>
              <div class="counts">
                {money.map(({ what, sums }) => (
                  <div key={what}>
                    <b>{names[what]}</b>
                    {sums.length === 0 && <span>—</span>}
                    {sums.map(({ now, before, rising }) => (
                      <span key={now}>
                        <strong>{now}</strong>
                        {before !== null && (
                          <small>
                            {rising ? '▲' : '▼'} {w.weekAgo}: {before}
                          </small>
                        )}
                      </span>
                    ))}
                  </div>
                ))}
              </div>
              <p class="note">{w.todayHint}</p>
            </section>
            <p class="note">
              {me.bot} · {me.name} · {me.roleText}
            </p>
          </>
        )}
      </Loaded>
    </PanelPage>
  )
}

function Count({ title, count, hint }: { title: string; count: number | null; hint?: string }) {
  return (
    <>
      <strong>{count ?? '?'}</strong>
      <span>{withoutSign(title)}</span>
      {hint && count !== 0 && <small>{hint}</small>}
    </>
  )
}
