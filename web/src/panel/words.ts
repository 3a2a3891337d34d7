import { spoken, type Language } from '../languages.ts'
import { en } from './words/en.ts'
import { ru } from './words/ru.ts'
import type { PanelWords } from './words/ru.ts'

const ALL: Record<Language, PanelWords> = { ru, en }

/** What the panel says itself; what is about rows comes from the shop in its own words. */
export const say = (): PanelWords => ALL[spoken()]
