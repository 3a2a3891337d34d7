import { spoken } from '../words.ts'
import { en } from './words/en.ts'
import { ru } from './words/ru.ts'
import type { PanelWords } from './words/ru.ts'

/** What the panel says itself; what is about rows comes from the shop in its own words. */
export const say = (): PanelWords => (spoken() === 'ru' ? ru : en)
