import { isDeepStrictEqual } from 'node:util'
import type { Card } from '../money/tables.ts'

/**
 * Draws a row in its message, and draws again while the visible part of the row changes. Two jobs may draw one message
 * at the same time, and Telegram keeps the edit that arrives last, which may show the older state. So after drawing,
 * the job reads the row once more.
 * @param row - as it was read before
 * @param again - reads the row anew
 * @param put - edits the message
 */
export async function drawCurrent<Row extends { card?: Card | null | undefined }, Screen>(
  row: Row,
  again: () => Promise<Row | undefined>,
  screenOf: (row: Row) => Screen | Promise<Screen>,
  put: (screen: Screen, card: Card) => Promise<unknown>,
): Promise<void> {
  let drawn: Screen | undefined
  for (let now: Row | undefined = row; now?.card; now = await again()) {
    const screen = await screenOf(now)
    if (isDeepStrictEqual(screen, drawn)) return
    await put(screen, now.card)
    drawn = screen
  }
}
