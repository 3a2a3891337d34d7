import { SHOWN, search } from '../search.ts'
import type { Found } from '../search.ts'
import { goodTitle } from '#shared/good.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { showOrder, showPayment, stateName } from './deals.ts'
import { showPerson } from './person.ts'
import { showStory } from './story.ts'
import { shorten } from '#shared/storable.ts'

/** Search by any id or name that an admin may have. */
export const find: Feature = {
  adminCommands: { find: (chat, word) => (word ? look(chat, word) : ask(chat)) },
  adminButtons: { 'a-find': (chat) => ask(chat) },
  adminInputs: { 'a-find': (chat) => look(chat, wordOf(chat)) },
  minimumRole: { find: 'read-only', 'a-find': 'read-only' },
}

async function ask(chat: Chat): Promise<void> {
  chat.session.awaiting = { input: 'a-find', args: [] }
  await show(chat, { text: chat.t('find-ask'), keyboard: [back(chat, 'admin')] })
}

/** A forwarded message names its author, unless the author hides; it gives nobody any rights. */
function wordOf(chat: Chat): string {
  const origin = chat.ctx.message?.forward_origin
  if (origin?.type === 'user') return String(origin.sender_user.id)
  return chat.ctx.message?.text ?? ''
}

async function look(chat: Chat, word: string): Promise<void> {
  const found = await search(chat.app.db, word, await chat.served())
  const [only] = found
  if (only && found.length === 1) {
    chat.session.awaiting = undefined
    return await open(chat, only)
  }
  chat.session.awaiting = { input: 'a-find', args: [] }
  // An update, a job or a posting has no page of its own, but a story.
  if (found.length === 0 && (await showStory(chat, word, 'a-find'))) return
  await show(chat, {
    text: [
      chat.t(found.length > 0 ? 'find-several' : 'find-nothing', { word: escapeHtml(shorten(word, 60)) }),
      ...(found.length > SHOWN ? [chat.t('find-more', { count: SHOWN })] : []),
    ].join('\n\n'),
    keyboard: [
      ...found
        .slice(0, SHOWN)
        .map((one) => [
          button(chat, shorten(`${chat.t(`find-${one.kind}`)} ${labelOf(chat, one)}`, 60), [
            `a-${one.kind}`,
            one.id,
          ]),
        ]),
      back(chat, 'admin'),
    ],
  })
}

function labelOf(chat: Chat, { kind, id, label }: Found): string {
  if (kind !== 'order') return label || id
  const [good = '', state = ''] = label.split(' ')
  return `${goodTitle(chat.app.goods, chat.texts, chat.language, good)} · ${stateName(chat, state)}`
}

async function open(chat: Chat, found: Found): Promise<void> {
  if (found.kind === 'person') return await showPerson(chat, BigInt(found.id))
  return found.kind === 'order' ? await showOrder(chat, found.id) : await showPayment(chat, found.id)
}
