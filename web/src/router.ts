import { useEffect, useState } from 'preact/hooks'
import { onBack, showBack } from './telegram.ts'

/** Where a person is. A new page needs its name and its values here, its file in pages/, and its line in app.tsx. */
export type Place =
  | { page: 'home' }
  | { page: 'orders' }
  | { page: 'history' }
  | { page: 'good'; kind: string }
  | { page: 'order'; id: string }
  | { page: 'topUp'; orderId?: string; sum?: string; method?: string }
  | { page: 'payment'; id: string }
  | { page: 'more' }
  | { page: 'promo' }
  | { page: 'friends' }
  | { page: 'plans' }
  | { page: 'plan'; code: string }
  | { page: 'waiting'; id: string }
  | { page: 'addresses' }
  | { page: 'pictures' }
  | { page: 'draw'; prompt?: string; model?: string; aspect?: string }
  | { page: 'picture'; id: string }
  | { page: 'byHand'; orderId?: string; sum?: string }
  | { page: 'request'; id: string }
  | { page: 'shelf'; category?: string }
  | { page: 'item'; id: string }
  | { page: 'purchases' }
  | { page: 'purchase'; id: string }

const KEPT = 'telekassa-place'
let trail: Place[] = kept()
const listeners = new Set<(trail: Place[]) => void>()

function kept(): Place[] {
  const order = new URLSearchParams(location.search).get('order')
  const stored = sessionStorage.getItem(KEPT)
  if (stored) return JSON.parse(stored) as Place[]
  return order && /^[0-9a-z]{16}$/.test(order)
    ? [{ page: 'home' }, { page: 'order', id: order }]
    : [{ page: 'home' }]
}

function move(next: Place[]): void {
  trail = next
  sessionStorage.setItem(KEPT, JSON.stringify(trail))
  showBack(trail.length > 1)
  for (const listener of listeners) listener(trail)
  window.scrollTo(0, 0)
}

export const go = (place: Place): void => move([...trail, place])
/** Replaces the page, so that going back does not come to the old one again. */
export const replace = (place: Place): void => move([...trail.slice(0, -1), place])

/** Leads to what the key of a page is making, also when the person has left that page before it is made. */
export function whenMade(): (made?: Place) => void {
  const from = trail.at(-1)
  return (made) => {
    const isHere = trail.at(-1) === from
    if (!made) return isHere ? goBack() : undefined
    if (isHere) replace(made)
    else if (JSON.stringify(trail.at(-1)) !== JSON.stringify(made)) go(made)
  }
}
export const goBack = (): void => move(trail.length > 1 ? trail.slice(0, -1) : trail)
/** The pages of the bar below begin a new trail. */
export const enter = (place: Place): void => move(place.page === 'home' ? [place] : [{ page: 'home' }, place])

export function usePlace(): { place: Place; canGoBack: boolean } {
  const [now, setNow] = useState(trail)
  useEffect(() => {
    listeners.add(setNow)
    showBack(trail.length > 1)
    const stop = onBack(goBack)
    return () => {
      listeners.delete(setNow)
      stop()
    }
  }, [])
  return { place: now.at(-1)!, canGoBack: now.length > 1 }
}
