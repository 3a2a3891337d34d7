import { escapeHtml } from '#shared/i18n/format.ts'
import type { SettingScope } from '#shared/settings/edit.ts'
import { shorten } from '#shared/storable.ts'
import type { Chat } from '../chat.ts'
import { back, button, show } from '../screen.ts'

/** Characters shown of the old and of the new value; a message holds 4096. */
const VALUE_LENGTH = 1_500

type Route = [string, ...string[]]

/** A change of a setting that waits for its confirmation; the session keeps the typed value. */
interface Preview {
  save: string
  before: string
  typed: string
}

/**
 * Shows the present value and the new one before anything is stored: one tap could change a price for a hundred
 * thousand people.
 */
export async function askToKeep(
  chat: Chat,
  change: {
    title: string
    scope: SettingScope
    before: string
    after: string
    /** The route of the key that stores the value, and the route of its screen. */
    save: Route
    home: Route
    typed?: string
  },
): Promise<void> {
  const { title, scope, before, after, save, home, typed = '' } = change
  chat.session.awaiting = undefined
  chat.session['preview'] = { save: save.join(' '), before, typed } satisfies Preview
  const words = (value: string) => `<code>${escapeHtml(shorten(value, VALUE_LENGTH)) || '—'}</code>`
  await show(chat, {
    text: chat.t('setting-preview', {
      title,
      scope: chat.t(`setting-scope-${scope}`, { bot: chat.bot.name }),
      before: words(before),
      after: words(after),
    }),
    keyboard: [[button(chat, chat.t('setting-save'), save, 'success')], back(chat, home)],
  })
}

/**
 * The change that the pressed key confirms; undefined = it was confirmed already, or another question was asked since.
 */
export function takePreview(chat: Chat, ...save: Route): Preview | undefined {
  const preview = chat.session['preview'] as Preview | undefined
  if (preview?.save !== save.join(' ')) return undefined
  delete chat.session['preview']
  return preview
}
