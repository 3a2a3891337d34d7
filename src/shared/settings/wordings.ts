import { z } from 'zod'
import { defineSetting } from './settings.ts'
import { onScreen } from './edit.ts'
import type { SettingGroups } from './edit.ts'

/** What one bot says in its own words, by `<language>.<key>`; everything else it says as all bots do. */
export const wordings = defineSetting({
  key: 'texts',
  schema: z.record(z.string().max(80), z.string().min(1).max(3_500)),
  fallback: (): Record<string, string> => ({}),
})

/** The settings of this file, by the group of the admin panel that shows them. */
export const wordingSettings: SettingGroups = {
  words: [onScreen(wordings, 'a-set-words', ['own'])],
}
