import type { Feature } from '../feature.ts'
import { balance } from './balance.ts'
import { blocked } from './blocked.ts'
import { help } from './help.ts'
import { menu } from './menu.ts'

/** The features of every bot, whatever it sells. */
export const kitFeatures: readonly Feature[] = [menu, balance, help, blocked]
