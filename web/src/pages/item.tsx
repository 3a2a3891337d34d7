import { useState } from 'preact/hooks'
import type { ItemAnswer, ItemBoughtAnswer, ItemPhotoAnswer } from '../../../src/shop/web/shelf.ts'
import { post } from '../api.ts'
import { once } from '../draft.ts'
import { useLive } from '../live.ts'
import { PhotoField } from '../photo-field.tsx'
import type { Problem } from '../problem.ts'
import { whenMade } from '../router.ts'
import { Seen } from '../shot.tsx'
import { feel } from '../telegram.ts'
import { Act, Loaded, Page } from '../ui.tsx'
import { words } from '../words.ts'

/** An item: what it is, what it costs, and what a service wants to know of its buyer. */
export function Item({ id, back }: { id: string; back: boolean }) {
  const live = useLive<ItemAnswer>(`/items/${id}`)
  return (
    <Page title={live.data?.name ?? words().loading} back={back}>
      <Loaded live={live}>{(item) => <Shown id={id} item={item} again={live.reload} />}</Loaded>
    </Page>
  )
}

type Answers = Readonly<Record<number, string>>

function Shown({ id, item, again }: { id: string; item: ItemAnswer; again: () => void }) {
  const [answers, setAnswers] = useState<Answers>({})
  const w = words()
  const given = item.asks.map((_, at) => answers[at] ?? '')
  const isWhole = given.every((one) => one.trim() !== '')
  const buy = async (gift: boolean) => {
    const show = whenMade()
    try {
      const { id: made, waits } = await once(`item ${id} ${gift}`, (draft) => {
        const ask = { draft, terms: item.terms, gift, answers: given }
        return post<ItemBoughtAnswer>(`/items/${id}/buy`, ask)
      })
      feel('success')
      show({ page: waits ? 'waiting' : 'purchase', id: made })
    } catch (error) {
      // The price, the questions or the stock are others by now: they are shown before anybody says yes to them.
      if ((error as Problem).code.startsWith('item.')) again()
      throw error
    }
  }
  return (
    <>
      {item.hasPicture && <Seen path={`/items/${id}/picture`} alt={item.name} kind="drawn" />}
      <section class="card">
        {item.about && <p class="quote">{item.about}</p>}
        <ul class="steps">
          {item.lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </section>
      {item.asks.map((ask, at) => (
        <Asked
          key={at}
          id={id}
          ask={ask}
          at={at}
          value={answers[at] ?? ''}
          change={(value) => setAnswers({ ...answers, [at]: value })}
        />
      ))}
      {item.sum !== null && (
        <div class="bottom">
          <Act kind="key primary" disabled={!isWhole} run={() => buy(false)}>
            {w.buyFor} {item.sum}
          </Act>
          {item.gift && (
            <Act run={() => buy(true)}>
              {w.asGift} · {item.sum}
            </Act>
          )}
          {item.gift && <p class="note">{w.giftHint}</p>}
        </div>
      )}
    </>
  )
}

interface AskedProps {
  id: string
  ask: ItemAnswer['asks'][number]
  at: number
  value: string
  change: (value: string) => void
}

function Asked({ id, ask, at, value, change }: AskedProps) {
  const field = `answer-${at}`
  if (ask.type === 'choice')
    return (
      <fieldset>
        <legend>{ask.name}</legend>
        <div class="chips">
          {ask.options.map((option) => (
            <label key={option}>
              <input type="radio" name={field} checked={value === option} onChange={() => change(option)} />
              {option}
            </label>
          ))}
        </div>
      </fieldset>
    )
  if (ask.type === 'photo')
    return (
      <PhotoField<ItemPhotoAnswer>
        id={field}
        title={ask.name}
        path={`/items/${id}/photo`}
        sent={({ photo }) => change(photo)}
      />
    )
  return (
    <div class="field">
      <label for={field}>{ask.name}</label>
      <input
        id={field}
        autocomplete="off"
        inputMode={ask.type === 'number' ? 'decimal' : 'text'}
        value={value}
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
    </div>
  )
}
