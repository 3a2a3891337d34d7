import { expect, test } from 'vitest'
import { drawCurrent } from '#shared/telegram/draw-current.ts'

interface Row {
  state: string
  card: { chatId: number; messageId: number } | null
}
const card = { chatId: 5, messageId: 7 }
const at = (state: string): Row => ({ state, card })

/** What the message shows in the end if the row changes to each of `later` during the edits of this drawing. */
async function drawn(first: Row, ...later: (Row | undefined)[]): Promise<string[]> {
  const edits: string[] = []
  await drawCurrent(
    first,
    async () => later.shift(),
    (row) => ({ text: row.state === 'polled' ? 'open' : row.state }),
    async ({ text }, { messageId }) => void edits.push(`${messageId} ${text}`),
  )
  return edits
}

test('F123 what changed while it was drawn is drawn too, so that the newest state is the last edit', async () => {
  expect(await drawn(at('open'), at('paid'), at('refunded'), at('refunded'))).toEqual([
    '7 open',
    '7 paid',
    '7 refunded',
  ])
})

test('a row that looks the same is drawn once, and one without a message is not drawn', async () => {
  expect(await drawn(at('open'), at('polled'))).toEqual(['7 open'])
  expect(await drawn(at('open'), { state: 'paid', card: null })).toEqual(['7 open'])
  expect(await drawn(at('open'), undefined)).toEqual(['7 open'])
})
