import { useState } from 'preact/hooks'
import type { PromoAnswer, PromoUsedAnswer } from '../../../src/shop/web/own.ts'
import { post } from '../api.ts'
import { once } from '../draft.ts'
import { feel } from '../telegram.ts'
import { Act, Page } from '../ui.tsx'
import { words } from '../words.ts'

/** Takes a promo code: shows what the code would do, and only then offers to apply it. */
export function Promo({ back }: { back: boolean }) {
  const [typed, setTyped] = useState('')
  const [offer, setOffer] = useState<PromoAnswer>()
  const [effect, setEffect] = useState<string>()
  const w = words()
  const again = () => {
    setTyped('')
    setOffer(undefined)
    setEffect(undefined)
  }
  if (effect !== undefined)
    return (
      <Page title={w.promoDone} back={back}>
        <section class="card" data-promo="done">
          <p>{effect}</p>
        </section>
        <button type="button" class="link" onClick={again}>
          {w.otherCode}
        </button>
      </Page>
    )
  if (offer)
    return (
      <Page title={offer.code} back={back}>
        <section class="card">
          <p>{offer.effect}</p>
        </section>
        <Act
          kind="key primary"
          run={async () => {
            const { code } = offer
            const used = await once(`promo ${code}`, (draft) =>
              post<PromoUsedAnswer>('/promo/use', { code, draft }),
            )
            feel('success')
            setEffect(used.effect)
          }}
        >
          {w.promoUse}
        </Act>
        <button type="button" class="link" onClick={again}>
          {w.otherCode}
        </button>
      </Page>
    )
  return (
    <Page title={w.promo} back={back}>
      <div class="field">
        <label for="promo">{w.promoCode}</label>
        <input
          id="promo"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          value={typed}
          aria-describedby="promo-hint"
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <p id="promo-hint" class="note">
          {w.promoHint}
        </p>
      </div>
      <Act
        kind="key primary"
        disabled={typed.trim() === ''}
        run={async () => setOffer(await post<PromoAnswer>('/promo', { code: typed }))}
      >
        {w.promoCheck}
      </Act>
    </Page>
  )
}
