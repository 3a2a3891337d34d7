import { escapeHtml } from '#shared/i18n/format.ts'
import { UserError } from '#shared/errors.ts'
import { storyOf, storyText } from '../story/story.ts'
import { readerWords } from '../story/words.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, show } from '#workers/bot/screen.ts'

/** A message holds 4,096 characters; escaping and the words around it need some of them. */
const ROOM = 3_400

/** The admin's page with what `npm run story` prints, in their words: the newest lines, as many as one message holds. */
export const story: Feature = {
  adminButtons: {
    'a-story': async (chat, [kind = '', id = '']) => {
      if (!(await showStory(chat, id, [`a-${kind}`, id]))) throw new UserError('admin.not-found')
    },
  },
  minimumRole: { 'a-story': 'read-only' },
}

/** @returns false when no row has this id */
export async function showStory(
  chat: Chat,
  id: string,
  after: string | [string, ...string[]],
): Promise<boolean> {
  const say = readerWords(chat, chat.app.goods)
  const found = await storyOf(chat.app.db, id, await chat.served(), say)
  if (!found) return false
  const lines = storyText(found, { name: chat.t('time-zone'), hours: 3 }, (kind) =>
    chat.t(`story-kind-${kind}`),
  )
    .split('\n')
    // Columns need wide screens. On a phone each line goes on below.
    .map((line) => escapeHtml(line.trim().replaceAll(/ {2,}/g, ' ')))
  const [title = '', ...body] = lines
  let shown = body.length
  let length = title.length
  while (shown > 0 && length + body[shown - 1]!.length + 1 < ROOM) {
    shown -= 1
    length += body[shown]!.length + 1
  }
  const text = [`<b>${title}</b>`, ...(shown > 0 ? [chat.t('story-cut', { count: shown })] : [])]
  await show(chat, {
    text: `${text.join('\n')}\n<pre>${body.slice(shown).join('\n')}</pre>`,
    keyboard: [back(chat, after)],
  })
  return true
}
