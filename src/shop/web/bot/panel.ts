import { tellChange } from '#shared/changes.ts'
import { pagesAddress } from '#shared/web-address.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, send, show } from '#workers/bot/screen.ts'
import { closePanels, confirmPanel, LINK_SECONDS, makeLink } from '../panel/sessions.ts'

/**
 * The panel in a browser: a link that is valid for a minute, and a confirmation in the chat for everything that moves
 * money there.
 */
export const panel: Feature = {
  adminCommands: { panel: (chat) => offer(chat) },
  adminButtons: {
    panel: (chat) => offer(chat),
    'panel-confirm': confirm,
    'panel-close': close,
  },
  minimumRole: {
    panel: 'read-only',
    'panel-confirm': 'read-only',
    'panel-close': 'read-only',
  },
  admin: { sections: [{ text: 'panel-section', route: 'panel', minimum: 'read-only' }] },
}

async function offer(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const address = pagesAddress(chat.app.config)
  if (!address)
    return void (await show(chat, { text: chat.t('panel-no-address'), keyboard: [back(chat, 'admin')] }))
  const code = await makeLink(chat.app, { bot: chat.bot.name, personId: chat.personId })
  // The code stands behind #: browsers do not send that part to servers, so it is in no log, and a preview of the link
  // does not open it.
  const url = `${address}/panel#${code}`
  await show(chat, {
    text: chat.t('panel-link', { seconds: LINK_SECONDS }),
    keyboard: [
      [{ text: chat.t('panel-open'), url }],
      [{ text: chat.t('panel-copy'), copy_text: { text: url } }],
      [button(chat, chat.t('panel-new'), 'panel'), button(chat, chat.t('panel-end'), 'panel-close')],
      back(chat, 'admin'),
    ],
  })
}

async function confirm(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const { db } = chat.app
  const session = { bot: chat.bot.name, personId: chat.personId, id: BigInt(id) }
  if (!(await confirmPanel(db, session))) return { alert: chat.t('panel-over') }
  await tellChange(db, chat.personId)
  await show(chat, { text: chat.t('panel-confirmed') })
}

async function close(chat: Chat): Promise<Answer> {
  const closed = await closePanels(chat.app.db, { bot: chat.bot.name, personId: chat.personId })
  await tellChange(chat.app.db, chat.personId)
  await send(chat, { text: chat.t('panel-closed', { count: closed }) })
}
