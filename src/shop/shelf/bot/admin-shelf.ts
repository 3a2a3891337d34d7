import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { mayChangeForAll } from '#shared/settings/for-all.ts'
import { servedItems } from '../items.ts'
import { shelfInMenu } from '../settings.ts'

const PAGE = 8

/** Admins: every item of their bots, new ones first, and the way to make one. */
export const adminShelf: Feature = {
  adminButtons: { 'a-shelf': (chat, [page = '0']) => showItems(chat, Number(page) || 0) },
  admin: { sections: [{ text: 'admin-shelf', route: 'a-shelf' }] },
}

async function showItems(chat: Chat, page: number): Promise<void> {
  chat.session.awaiting = undefined
  const { app, bot } = chat
  const whose = {
    served: await chat.served('admin'),
    all: await mayChangeForAll(app.db, app, chat.personId, 'admin'),
  }
  const items = await servedItems(app.db, whose, { limit: PAGE + 1, offset: page * PAGE })
  const inMenu = await app.settings.get(shelfInMenu, bot.name)
  const pager = [
    ...(page > 0 ? [button(chat, chat.t('shelf-key-back'), ['a-shelf', page - 1])] : []),
    ...(items.length > PAGE ? [button(chat, chat.t('shelf-key-on'), ['a-shelf', page + 1])] : []),
  ]
  await show(chat, {
    text: [
      chat.t('admin-shelf-title'),
      ...(inMenu ? [] : ['', chat.t('admin-shelf-not-in-menu', { bot: bot.name })]),
    ].join('\n'),
    keyboard: [
      [button(chat, chat.t('shelf-key-new'), 'a-item-new', 'primary')],
      [button(chat, chat.t('shelf-key-categories'), 'a-categories')],
      ...(inMenu ? [] : [[button(chat, chat.t('shelf-key-in-menu'), ['a-setting', shelfInMenu.key])]]),
      ...items
        .slice(0, PAGE)
        .map(({ id, name, price, asset, retired }) => [
          button(chat, `${retired ? '🚫 ' : ''}${name[chat.language]} · ${chat.money(price, asset)}`, [
            'a-item',
            String(id),
          ]),
        ]),
      ...(pager.length > 0 ? [pager] : []),
      back(chat, 'admin'),
    ],
  })
}
