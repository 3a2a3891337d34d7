import { useEffect, useState } from 'preact/hooks'
import type {
  DraftAnswer,
  OffersAnswer,
  OrderAnswer,
  PayAnswer,
  PriceAnswer,
} from '../../../src/shop/web/buying.ts'
import { get, post } from '../api.ts'
import { answered, forget, unanswered } from '../draft.ts'
import type { Problem } from '../problem.ts'
import { useLive } from '../live.ts'
import { whenMade } from '../router.ts'
import { feel } from '../telegram.ts'
import { Act, Loaded, Page, say, withoutSign } from '../ui.tsx'
import { words } from '../words.ts'

/**
 * The person says for whom, chooses how many, looks at it, and buys. Every price stands there before anything is
 * typed.
 */
export function Good({ kind, back }: { kind: string; back: boolean }) {
  const live = useLive<OffersAnswer>(`/goods/${kind}`)
  const [draft, setDraft] = useState<DraftAnswer>()
  const [form, setForm] = useState<Form>({ count: undefined, price: '', forSelf: true, names: '' })
  const w = words()
  if (draft) return <Confirm kind={kind} draft={draft} again={() => setDraft(undefined)} form={form} />
  return (
    <Page title={withoutSign(live.data?.title ?? w.loading)} back={back}>
      <Loaded live={live}>
        {(offers) => (
          <>
            <ForWhom offers={offers} form={form} change={setForm} />
            <Amounts offers={offers} form={form} change={setForm} />
            <div class="bottom">
              <Act
                kind="key primary"
                disabled={
                  form.count === undefined || (form.forSelf ? !offers.self : form.names.trim() === '')
                }
                run={async () => {
                  // The shop asks Telegram who is behind the name, which takes a moment.
                  say(w.checking)
                  const show = whenMade()
                  const made = await madeBefore(kind, form)
                  if (made) show({ page: 'order', id: made.id })
                  else setDraft(await askDraft(kind, form))
                  say(made ? w.boughtBefore : '')
                }}
              >
                {w.next}
                {form.price && ` · ${form.price}`}
              </Act>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

interface Form {
  count: number | undefined
  price: string
  forSelf: boolean
  names: string
}

const wishOf = (kind: string, { count, forSelf, names }: Form) => ({
  kind,
  count,
  names: forSelf ? '' : names,
})

const actOf = (kind: string, form: Form) => `order ${JSON.stringify(wishOf(kind, form))}`

const askDraft = async (kind: string, form: Form) =>
  unanswered<DraftAnswer>(actOf(kind, form)) ?? (await post<DraftAnswer>('/drafts', wishOf(kind, form)))

/** The order that a press before Back or a reload has paid for, although its answer did not come. */
async function madeBefore(kind: string, form: Form): Promise<OrderAnswer | undefined> {
  const act = actOf(kind, form)
  const draft = unanswered<DraftAnswer>(act)
  if (!draft) return undefined
  try {
    const order = await get<OrderAnswer>(`/orders/${draft.id}`)
    forget(act)
    return order
  } catch (error) {
    // The order is still a draft: the press did not arrive, or is on its way.
    if ((error as Problem).code !== 'web.unknown') throw error
    return undefined
  }
}

interface Part {
  offers: OffersAnswer
  form: Form
  change: (form: Form) => void
}

function Amounts({ offers, form, change }: Part) {
  const w = words()
  const [own, setOwn] = useState(false)
  return (
    <fieldset>
      <legend>{offers.own ? w.howMuch : w.howLong}</legend>
      <div class={offers.own ? 'amounts' : 'amounts wide'}>
        {offers.offers.map(({ count, price, title }) => (
          <label class="amount" key={count}>
            <input
              type="radio"
              name="count"
              checked={!own && form.count === count}
              onChange={() => {
                setOwn(false)
                change({ ...form, count, price })
              }}
            />
            <b>{withoutSign(title)}</b>
            <small>{price}</small>
          </label>
        ))}
      </div>
      {offers.own && (
        <label class="own">
          <input
            type="radio"
            name="count"
            checked={own}
            onChange={() => {
              setOwn(true)
              change({ ...form, count: undefined, price: '' })
            }}
          />
          {w.other}
        </label>
      )}
      {own && <OwnAmount kind={offers.kind} form={form} change={change} />}
    </fieldset>
  )
}

const TYPED_MS = 250

function OwnAmount({ kind, form, change }: { kind: string; form: Form; change: (form: Form) => void }) {
  const w = words()
  const [typed, setTyped] = useState('')
  const [trouble, setTrouble] = useState('')
  useEffect(() => {
    setTrouble('')
    if (typed === '') return
    const waiting = setTimeout(() => {
      get<PriceAnswer>(`/goods/${kind}/price?count=${encodeURIComponent(typed)}`).then(
        ({ count, price }) => change({ ...form, count, price }),
        (problem: Problem) => setTrouble(problem.message),
      )
    }, TYPED_MS)
    return () => clearTimeout(waiting)
  }, [typed])
  return (
    <div class="field">
      <label for="own-count">{w.number}</label>
      <input
        id="own-count"
        inputMode="numeric"
        autocomplete="off"
        value={typed}
        aria-describedby="own-price"
        onInput={({ currentTarget }) => {
          change({ ...form, count: undefined, price: '' })
          setTyped(currentTarget.value)
        }}
      />
      <p id="own-price" class={trouble ? 'wrong' : 'note'} role="status">
        {trouble || form.price}
      </p>
    </div>
  )
}

function ForWhom({ offers, form, change }: Part) {
  const w = words()
  return (
    <fieldset>
      <legend>{w.forWhom}</legend>
      <div class="segments">
        <label>
          <input
            type="radio"
            name="whom"
            checked={form.forSelf}
            onChange={() => change({ ...form, forSelf: true })}
          />
          <span>{w.self}</span>
        </label>
        <label>
          <input
            type="radio"
            name="whom"
            checked={!form.forSelf}
            onChange={() => change({ ...form, forSelf: false })}
          />
          <span>{w.friend}</span>
        </label>
      </div>
      {form.forSelf ? (
        <p class={offers.self ? 'note' : 'wrong'}>{offers.self ? `@${offers.self}` : w.noName}</p>
      ) : (
        <div class="field">
          <label for="names">{w.friendName}</label>
          <input
            id="names"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={form.names}
            aria-describedby="names-hint"
            onInput={({ currentTarget }) => change({ ...form, names: currentTarget.value })}
          />
          <p id="names-hint" class="note">
            {w.friendHint}
          </p>
        </div>
      )}
    </fieldset>
  )
}

function Confirm(props: { kind: string; draft: DraftAnswer; again: () => void; form: Form }) {
  const [draft, setDraft] = useState(props.draft)
  const w = words()
  const buy = async (currency: string) => {
    const show = whenMade()
    try {
      const { order } = await answered(actOf(props.kind, props.form), draft, () =>
        post<PayAnswer>(`/orders/${draft.id}/pay`, { currency }),
      )
      feel('success')
      show({ page: 'order', id: order.id })
    } catch (error) {
      // The price has changed: it is shown before the person is asked again.
      const { code } = error as Problem
      if (code === 'price.changed' || code === 'order.expired')
        setDraft(await askDraft(props.kind, props.form))
      throw error
    }
  }
  return (
    <Page title={w.confirm}>
      <section class="card">
        <h2>{withoutSign(draft.title)}</h2>
        <dl>
          <dt>{w.recipient}</dt>
          <dd>
            {draft.people.map((one) => (
              <span class="who" key={one.username}>
                <b>{one.name}</b> @{one.username}
                {one.hasPremium && props.kind === 'premium' && <small>{w.already}</small>}
              </span>
            ))}
          </dd>
          <dt>{w.price}</dt>
          <dd>{draft.price}</dd>
        </dl>
        <p class="note">{draft.final}</p>
      </section>
      {!draft.options.some(({ enough }) => enough) && <p class="note">{w.short}</p>}
      <div class="bottom">
        {draft.options.map((option) => (
          <div key={option.currency}>
            <Act kind="key primary" run={() => buy(option.currency)}>
              {option.enough ? w.buyFor : w.topUpAndBuy} {option.price}
            </Act>
            {option.after && (
              <p class="note">
                {w.left}: {option.after}
              </p>
            )}
            {option.back && (
              <p class="note">
                {w.returns}: {option.back}
              </p>
            )}
          </div>
        ))}
        <button type="button" class="link" onClick={() => (say(''), props.again())}>
          {w.back}
        </button>
      </div>
    </Page>
  )
}
