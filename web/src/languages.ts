import { useEffect, useState } from 'preact/hooks'
import { clientLanguage } from './telegram.ts'

export type Language = keyof typeof LANGUAGES

/**
 * What the pages know about each language beside its words: how it writes numbers, and what a spreadsheet puts
 * between cells.
 */
const LANGUAGES = {
  ru: { locale: 'ru-RU', cells: ';', readers: /^(ru|uk|be|kk|uz|ky|tg|hy|az)\b/i },
  en: { locale: 'en', cells: ',', readers: /^/ },
}
const names = Object.keys(LANGUAGES) as Language[]

/**
 * The language for a client's language code. The last language serves the readers of all codes that no other one
 * names.
 */
const readBy = (code: string): Language => names.find((one) => LANGUAGES[one].readers.test(code))!

let language = readBy(clientLanguage())
document.documentElement.lang = language

const listeners = new Set<() => void>()

/**
 * Switches to a language that the shop knows, because the shop knows better than the browser. An unknown name
 * changes nothing.
 */
export function speak(known: string | null): void {
  const next = names.find((one) => one === known) ?? language
  if (next === language) return
  language = next
  document.documentElement.lang = language
  for (const listener of listeners) listener()
}

/** A component that calls this is drawn anew when the language changes. */
export function useSpoken(): void {
  const [, draw] = useState({})
  useEffect(() => {
    const listener = () => draw({})
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, [])
}

export const spoken = (): Language => language
export const written = () => LANGUAGES[language]
