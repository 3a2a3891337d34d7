import { useState } from 'preact/hooks'
import type {
  CardForgottenAnswer,
  PlanAnswer,
  PlanBoughtAnswer,
  PlansAnswer,
  PlanStarsAnswer,
} from '../../../src/shop/web/plans.ts'
import { post } from '../api.ts'
import { once } from '../draft.ts'
import { useLive } from '../live.ts'
import type { Problem } from '../problem.ts'
import { go, whenMade } from '../router.ts'
import { payStars } from '../pay-stars.ts'
import { feel } from '../telegram.ts'
import { Act, Loaded, Page, say, withoutPicture } from '../ui.tsx'
import { words } from '../words.ts'

/** Shows the person's plans that run, and the plans that the person can buy. */
export function Plans({ back }: { back: boolean }) {
  const live = useLive<PlansAnswer>('/plans')
  const w = words()
  return (
    <Page title={w.plans} back={back}>
      <Loaded live={live}>
        {({ running, plans, card, offer }) => (
          <>
            {running.length > 0 && <h2>{w.mine}</h2>}
            {running.map((one) => (
              <section class="card" key={one.id} data-plan={one.id}>
                <p>{one.text}</p>
                {one.renews && (
                  <Act
                    run={async () => {
                      await post(`/plans/running/${one.id}/stop`)
                      say(w.notRenewed)
                      live.reload()
                    }}
                  >
                    {w.stopRenewal}
                  </Act>
                )}
              </section>
            ))}
            {card && <KeptCard card={card} after={live.reload} />}
            {offer && (
              <button
                type="button"
                class="key"
                onClick={() => go({ page: 'topUp', method: offer.method, sum: offer.kopecks })}
              >
                {withoutPicture(offer.title)}
              </button>
            )}
            {plans.length === 0 ? (
              <p class="note">{w.noPlans}</p>
            ) : (
              <ul class="list">
                {plans.map((plan) => (
                  <li key={plan.code}>
                    <button type="button" class="row" onClick={() => go({ page: 'plan', code: plan.code })}>
                      <span>
                        <b>{plan.name}</b>
                        <small>
                          {plan.days} {w.forDays}
                        </small>
                      </span>
                      <span class="end">
                        <b>{plan.prices}</b>
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
            )}
            <p class="note">{w.plansHint}</p>
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** Shows which card pays for renewals. Before it is forgotten, the person is asked. */
function KeptCard({ card, after }: { card: NonNullable<PlansAnswer['card']>; after: () => void }) {
  const [asks, ask] = useState(false)
  const forget = async () => {
    const { said } = await post<CardForgottenAnswer>('/plans/card/forget')
    say(said)
    after()
  }
  return (
    <section class="card" data-card={asks ? 'asks' : 'kept'}>
      {asks ? (
        <>
          <h2>{withoutPicture(card.ask.title)}</h2>
          {card.ask.lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
          <Act run={forget}>{card.ask.yes}</Act>
          <button type="button" class="key" onClick={() => ask(false)}>
            {words().back}
          </button>
        </>
      ) : (
        <>
          <p>{withoutPicture(card.text)}</p>
          <button type="button" class="key" onClick={() => ask(true)}>
            {card.forget}
          </button>
        </>
      )}
    </section>
  )
}

/** Shows what a plan gives, and each way to pay for it. */
export function Plan({ code, back }: { code: string; back: boolean }) {
  const live = useLive<PlanAnswer>(`/plans/${encodeURIComponent(code)}`)
  const [friend, setFriend] = useState<string>()
  const w = words()
  /** Terms that have changed are shown before the person can agree to them. */
  const shownAnew = (error: unknown) => {
    if ((error as Problem).code === 'subscription.changed') live.reload()
    return error
  }
  const buy = async (terms: string, to?: string) => {
    const show = whenMade()
    try {
      const { waiting, friend: name } = await once(`plan ${code} ${to ?? ''}`, (draft) => {
        const ask = { terms, draft, ...(to !== undefined && { friend: to }) }
        return post<PlanBoughtAnswer>(`/plans/${code}/buy`, ask)
      })
      if (waiting !== null) return show({ page: 'waiting', id: waiting })
      feel('success')
      say(name === null ? w.bought : `${w.giftGiven} ${name}.`)
      show()
    } catch (error) {
      throw shownAnew(error)
    }
  }
  const buyForStars = async (stars: number) => {
    const show = whenMade()
    try {
      const { link } = await post<PlanStarsAnswer>(`/plans/${code}/stars`, { stars })
      if (await payStars(link)) show()
    } catch (error) {
      throw shownAnew(error)
    }
  }
  return (
    <Page title={live.data?.name ?? w.loading} back={back}>
      <Loaded live={live}>
        {(plan) => (
          <>
            <section class="card">
              <ul class="steps">
                {plan.lines.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </section>
            <div class="bottom">
              {plan.tokens && (
                <Act kind={friend === undefined ? 'key primary' : 'key'} run={() => buy(plan.tokens!.terms)}>
                  {w.subscribe} · {plan.tokens.price}
                </Act>
              )}
              {plan.tokens && friend === undefined && (
                <button type="button" class="key" onClick={() => setFriend('')}>
                  {w.asGift} · {plan.tokens.price}
                </button>
              )}
              {plan.tokens && friend !== undefined && (
                <section class="card">
                  <div class="field">
                    <label for="friend">{w.friendName}</label>
                    <input
                      id="friend"
                      autocomplete="off"
                      autocapitalize="none"
                      spellcheck={false}
                      value={friend}
                      aria-describedby="friend-hint"
                      onInput={({ currentTarget }) => setFriend(currentTarget.value)}
                    />
                    <p id="friend-hint" class="note">
                      {w.planFriendHint}
                    </p>
                  </div>
                  <Act
                    kind="key primary"
                    disabled={friend.trim() === ''}
                    run={() => buy(plan.tokens!.terms, friend)}
                  >
                    {w.giveFor} {plan.tokens.price}
                  </Act>
                </section>
              )}
              {plan.starsCount !== null && (
                <Act run={() => buyForStars(plan.starsCount!)}>
                  {plan.stars} {w.monthlyStars}
                </Act>
              )}
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}
