import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'

/**
 * Orders whose price is what was earned. The order of a gift to several people has the price of all of them, also when some
 * of them got nothing: there its parts count, of which each has a price of its own. A picture that is drawn once more is
 * paid like any other, although it names the order that it repeats.
 * @param details the order's details
 */
export const isSold = (details: RawBuilder<unknown>): RawBuilder<boolean> =>
  q<boolean>`not coalesce(jsonb_array_length(${details} -> 'recipients') > 1, false)`
