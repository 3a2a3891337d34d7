import { z } from 'zod'
import { defineSetting } from './settings.ts'

/** The effects that bots may use: each by the sign that people see, with Telegram's id. `—` = none. */
export const EFFECTS = {
  '—': undefined,
  '🎉': '5046509860389126442',
  '🔥': '5104841245755180586',
  '❤': '5159385139981059251',
  '👍': '5107584321108051014',
} as const

export const EFFECT_SIGNS = Object.keys(EFFECTS) as (keyof typeof EFFECTS)[]

/** What flies over the chat when the message comes that a payment is credited. */
export const paidEffect = defineSetting({
  key: 'paid-effect',
  schema: z.enum(EFFECT_SIGNS),
  fallback: () => '—' as const,
})
