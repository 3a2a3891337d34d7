import { spoken, type Language } from './languages.ts'
import { en } from './words/en.ts'
import { ru } from './words/ru.ts'
import type { Words } from './words/ru.ts'

const ALL: Record<Language, Words> = { ru, en }

/** The pages' own words. Sums, names and states come from the shop in its own words. */
export const words = (): Words => ALL[spoken()]
