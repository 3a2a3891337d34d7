import { bad } from './errors.ts'
import { NESTED } from './described.ts'
import { withinLimits } from './field-limits.ts'
import { checkUnicode, isObj, type Params } from './params.ts'

/** Fields that are checked by their methods, which know Telegram's own words for each refusal. */
const LOOKED_AT = new Set(
  `allowed_updates commands entities link_preview_options media menu_button message_ids options prices reply_markup
   reply_parameters results scope suggested_tip_amounts`.split(/\s+/),
)

/**
 * Checks that objects and lists are such, in JSON or as a text that holds JSON. Other kinds are not checked here,
 * because Telegram reads numbers and booleans leniently.
 * @throws bad
 */
function checkNested(method: string, p: Params): void {
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

/** The fields of a call by type and limit, as the description has them. @returns them with what Telegram shortens shortened */
export function checked(method: string, p: Params): Params {
  checkUnicode(p)
  checkNested(method, p)
  return withinLimits(method, p)
}
