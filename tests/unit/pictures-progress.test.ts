import { expect, test } from 'vitest'
import { bar } from '#shop/pictures/stage.ts'
import { type PictureCard, createEditor, readEditError, type Turns } from '#shop/pictures/worker/progress.ts'

const PACE_MS = 1000
const apiError = (error_code: number, description: string, retry_after?: number) =>
  Object.assign(new Error(description), { error_code, description, parameters: { retry_after } })

/** Turns and sleep on a clock that moves only when somebody waits. */
function setUp() {
  let now = 0
  const free = new Map<bigint, number>()
  const turns: Turns = {
    take({ chatId }) {
      const at = free.get(chatId) ?? 0
      if (at > now) return Promise.resolve(at - now)
      free.set(chatId, now + PACE_MS)
      return Promise.resolve(0)
    },
    pause({ chatId }, ms) {
      free.set(chatId, Math.max(free.get(chatId) ?? 0, now + ms))
      return Promise.resolve()
    },
  }
  const editor = createEditor(turns, (ms) => {
    now += ms
    return Promise.resolve()
  })
  const edits: { at: number; chat: bigint; text: string }[] = []
  const edit = (card: PictureCard, text: string) => () => {
    edits.push({ at: now, chat: card.chatId, text })
    return Promise.resolve()
  }
  return { editor, edit, edits, pass: (ms: number) => (now += ms), now: () => now }
}
const card = (chatId: bigint, messageId = 1): PictureCard => ({ botId: 'main', chatId, messageId })

test('edits of one chat come at most once a second and the last one always wins', async () => {
  const { editor, edit, edits, pass } = setUp()
  const ours = card(1n)
  for (let step = 0; step < 40; step++) {
    await editor.show(ours, edit(ours, `step ${step}`))
    pass(100)
  }
  await editor.finish(ours, edit(ours, 'picture'))
  const times = edits.map(({ at }) => at)
  for (const [index, at] of times.slice(1).entries()) {
    expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(PACE_MS)
  }
  expect(edits).toHaveLength(5)
  expect(edits.at(-1)?.text).toBe('picture')
})

test('two messages of one chat share its pace, another chat has its own', async () => {
  const { editor, edit, edits } = setUp()
  const outcomes = []
  for (const one of [card(1n, 1), card(1n, 2), card(2n, 1)]) {
    outcomes.push((await editor.show(one, edit(one, 'x'))).is)
  }
  expect(outcomes).toEqual(['shown', 'skipped', 'shown'])
  expect(edits.map(({ chat }) => chat)).toEqual([1n, 2n])
})

test('a final edit waits for an older one that is still under way, and comes after it', async () => {
  const { editor, edit, edits } = setUp()
  const ours = card(1n)
  let release = () => {}
  const slow = editor.show(ours, async () => {
    await new Promise<void>((resolve) => (release = resolve))
    await edit(ours, 'half')()
  })
  await new Promise((resolve) => setImmediate(resolve))
  const last = editor.finish(ours, edit(ours, 'picture'))
  expect(await editor.show(ours, edit(ours, 'never'))).toEqual({ is: 'skipped' })
  release()
  await Promise.all([slow, last])
  expect(edits.map(({ text }) => text)).toEqual(['half', 'picture'])
})

test('429 stops every edit of the chat for as long as Telegram asked, the final one included', async () => {
  const { editor, edit, edits, now } = setUp()
  const ours = card(1n)
  const refused = () => Promise.reject(apiError(429, 'Too Many Requests: retry after 3', 3))
  expect(await editor.show(ours, refused)).toEqual({ is: 'skipped' })
  expect(await editor.show(ours, edit(ours, 'too early'))).toEqual({ is: 'skipped' })
  expect(await editor.finish(ours, edit(ours, 'picture'))).toEqual({ is: 'shown' })
  expect(edits).toEqual([{ at: 3000, chat: 1n, text: 'picture' }])
  expect(now()).toBe(3000)
})

test('a longer pause than a worker should be held for is handed back with its length', async () => {
  const { editor } = setUp()
  const refused = () => Promise.reject(apiError(429, 'Too Many Requests: retry after 40', 40))
  expect(await editor.finish(card(1n), refused)).toEqual({ is: 'later', retryAfterMs: 40_000 })
})

test('F47: "message is not modified" counts as shown', async () => {
  const { editor } = setUp()
  const same = () => Promise.reject(apiError(400, 'Bad Request: message is not modified: specified new ...'))
  expect(await editor.show(card(1n), same)).toEqual({ is: 'shown' })
})

test('F48: a deleted message and a closed chat are told as gone, not thrown', async () => {
  for (const error of [
    apiError(400, 'Bad Request: message to edit not found'),
    apiError(400, "Bad Request: message can't be edited"),
    apiError(403, 'Forbidden: bot was blocked by the user'),
  ]) {
    const { editor } = setUp()
    expect(await editor.finish(card(1n), () => Promise.reject(error))).toEqual({ is: 'gone' })
  }
})

test('any other failure of an edit is thrown, and the next edit is not blocked by it', async () => {
  const { editor, edit, pass } = setUp()
  const broken = () => Promise.reject(new Error('socket hang up'))
  await expect(editor.finish(card(1n), broken)).rejects.toThrow('socket hang up')
  expect(readEditError(apiError(400, "Bad Request: can't parse entities"))).toEqual({ is: 'unknown' })
  pass(PACE_MS)
  expect(await editor.finish(card(1n), edit(card(1n), 'x'))).toEqual({ is: 'shown' })
})

test('the bar follows the usual time and never pretends to be complete', () => {
  expect(bar(0, 20)).toBe('░░░░░░░░░░░░')
  expect(bar(10, 20)).toBe('▓▓▓▓▓▓░░░░░░')
  expect(bar(900, 20)).toBe('▓▓▓▓▓▓▓▓▓▓▓░')
})
