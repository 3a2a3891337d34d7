import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'

/**
 * Orders whose price counts as earned. An order of a gift to several people has the price of all of them, even if some
 * got nothing, so its parts are counted instead, each with its own price. A repeated picture names the order that it
 * repeats but is paid like any other.
 * @param details the order's details
 */
export const isSold = (details: RawBuilder<unknown>): RawBuilder<boolean> =>
  q<boolean>`not coalesce(jsonb_array_length(${details} -> 'recipients') > 1, false)`
