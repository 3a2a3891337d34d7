import { bad } from './errors.ts'
import { NESTED } from './nested.ts'
import { isObj, type Params } from './params.ts'

/** Fields whose methods look at them themselves, with Telegram's own words for each. */
const LOOKED_AT = new Set(
  `allowed_updates commands entities link_preview_options media menu_button message_ids options prices reply_markup
   reply_parameters results scope suggested_tip_amounts`.split(/\s+/),
)

/**
 * Objects and lists must be such, in JSON or as a text that holds JSON. Telegram reads numbers and truth leniently, and
 * so is the rest left alone. @throws bad
 */
export function checkNested(method: string, p: Params): void {
  for (const [field, kind] of Object.entries(NESTED[method] ?? {})) {
    if (LOOKED_AT.has(field)) continue
    let value = p.values[field]
    if (value === undefined || value === null || value === '') continue
    const words = field.replaceAll('_', ' ')
    if (typeof value === 'string') {
      try {
        value = JSON.parse(value) as unknown
      } catch {
        throw bad(`can't parse ${words} JSON object`)
      }
    }
    if (kind === 'object' && !isObj(value)) throw bad(`object expected as ${words}`)
    if (kind === 'array' && !Array.isArray(value)) throw bad(`expected an Array as ${words}`)
  }
}
