import { sql as q } from 'kysely'
import { audit } from '../../../shared/audit.ts'
import type { Chat } from '../chat.ts'
import type { Feature } from '../feature.ts'
import { back, button, show } from '../screen.ts'

/** Every bot on this database with its state; the owner pauses and resumes them while everything runs. */
export const adminBots: Feature = {
  adminButtons: {
    'a-bots': (chat) => showBots(chat),
    'a-bot-pause': (chat, [name = '']) => setState(chat, name, 'active', 'paused'),
    'a-bot-resume': (chat, [name = '']) => setState(chat, name, 'paused', 'active'),
  },
  minimumRole: { 'a-bots': 'owner', 'a-bot-pause': 'owner', 'a-bot-resume': 'owner' },
  admin: { sections: [{ text: 'admin-bots', route: 'a-bots', minimum: 'owner' }] },
}

interface BotRow {
  name: string
  username: string | null
  state: 'active' | 'paused' | 'parked'
  people: number
}

async function showBots(chat: Chat): Promise<void> {
  const bots = await chat.app.db.rows(q<BotRow>`
    select name, username, state, (select count(*) from bot_sessions s where s.bot = b.name)::int as people
    from bots b order by name`)
  await show(chat, {
    text: [
      chat.t('admin-bots-title'),
      '',
      ...bots.map(({ name, username, state, people }) =>
        chat.t('admin-bots-line', {
          name,
          username: username ?? '—',
          state: chat.t(`a-bot-state-${state}`),
          people,
        }),
      ),
    ].join('\n'),
    keyboard: [
      ...bots.flatMap(({ name, state }) => {
        if (state === 'parked') return []
        const [text, route] =
          state === 'paused' ? ['admin-bot-resume', 'a-bot-resume'] : ['admin-bot-pause', 'a-bot-pause']
        return [[button(chat, chat.t(text, { name }), [route, name])]]
      }),
      back(chat, 'admin'),
    ],
  })
}

async function setState(chat: Chat, name: string, from: string, to: string): Promise<void> {
  await chat.app.db.tx(async (tx) => {
    const moved = await tx.rows(q`
      update bots set state = ${to}, state_reason = null, updated_at = now()
      where name = ${name} and state = ${from} returning name`)
    if (moved.length === 0) return
    await audit(tx, { actor: chat.personId, action: `bot.${to}`, target: name, bot: chat.bot.name })
  })
  await showBots(chat)
}
