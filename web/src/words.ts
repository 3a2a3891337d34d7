import { clientLanguage } from './telegram.ts'
import { en } from './words/en.ts'
import { ru } from './words/ru.ts'
import type { Words } from './words/ru.ts'

let language = clientLanguage()
document.documentElement.lang = language

/** In the language of whom the shop knows better than the browser does. */
export function speak(known: 'ru' | 'en'): void {
  language = known
  document.documentElement.lang = language
}

export const spoken = (): 'ru' | 'en' => language

/** What the pages say themselves; sums, names and states come from the shop in its own words. */
export const words = (): Words => (language === 'ru' ? ru : en)
