import { spoken, type Language } from '../languages.ts'
import { en } from './words/en.ts'
import { ru } from './words/ru.ts'
import type { PanelWords } from './words/ru.ts'

const ALL: Record<Language, PanelWords> = { ru, en }

/** The panel's own words. Words about rows come from the shop. */
export const say = (): PanelWords => ALL[spoken()]
