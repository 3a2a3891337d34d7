import { clientLanguage } from './telegram.ts'
import { en } from './words/en.ts'
import { ru } from './words/ru.ts'
import type { Words } from './words/ru.ts'

const language = clientLanguage()
document.documentElement.lang = language

/** What the pages say themselves; sums, names and states come from the shop in its own words. */
export const words = (): Words => (language === 'ru' ? ru : en)
