import { useEffect, useState } from 'preact/hooks'
import { clientLanguage } from './telegram.ts'
import { en } from './words/en.ts'
import { ru } from './words/ru.ts'
import type { Words } from './words/ru.ts'

let language = clientLanguage()
document.documentElement.lang = language

const listeners = new Set<() => void>()

/** In the language of whom the shop knows better than the browser does. */
export function speak(known: 'ru' | 'en'): void {
  if (known === language) return
  language = known
  document.documentElement.lang = language
  for (const listener of listeners) listener()
}

/** What uses it is drawn anew in another language. */
export function useSpoken(): void {
  const [, draw] = useState({})
  useEffect(() => {
    const listener = () => draw({})
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, [])
}

export const spoken = (): 'ru' | 'en' => language

/** What the pages say themselves; sums, names and states come from the shop in its own words. */
export const words = (): Words => (language === 'ru' ? ru : en)
