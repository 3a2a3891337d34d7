import { useMemo } from 'preact/hooks'
import type { RestAnswer } from '../../src/shop/web/waiting.ts'
import { newDraft } from './draft.ts'
import { go } from './router.ts'
import { payStars } from './pay-stars.ts'
import { Act } from './ui.tsx'
import { words } from './words.ts'

/**
 * Shows what an order still lacks, and every way to pay just that. The order goes on by itself when the money has
 * come.
 */
export function Rest(props: {
  rest: RestAnswer
  orderId: string
  goOn: (draft: string) => Promise<unknown>
  drop: () => Promise<unknown>
  dropWords: string
}) {
  const { rest, orderId, goOn, drop, dropWords } = props
  const draft = useMemo(newDraft, [])
  const w = words()
  return (
    <section class="card">
      {rest.isPaid ? (
        <Act kind="key primary" run={() => goOn(draft)}>
          {w.goOn}
        </Act>
      ) : (
        <p>
          {w.missing}: <b>{rest.sum}</b>
        </p>
      )}
      {rest.invoice && (
        <Act kind="key primary" run={() => payStars(rest.invoice!.url)}>
          {w.payStars} · {rest.invoice.stars}
        </Act>
      )}
      {rest.kopecks && (
        <button type="button" class="key" onClick={() => go({ page: 'topUp', orderId, sum: rest.kopecks! })}>
          {w.payRoubles} {rest.sum}
        </button>
      )}
      <Act run={drop}>{dropWords}</Act>
    </section>
  )
}
