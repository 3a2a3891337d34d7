import { UserError } from '#shared/errors.ts'
import { asLogin, type KeptCredentials, readCredentials } from '../connection.ts'
import { tryCredential } from '../new-credential.ts'
import { databaseTokenStore } from '../token-store.ts'
import { lastCharacters } from '#shared/vault.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { shorten } from '#shared/storable.ts'

/** Credentials for the reseller: kept encrypted, shown by their last characters, never read back. */
export const resellerKeys: Feature = {
  adminButtons: {
    'fadmin-keys': (chat) => showKeys(chat),
    'fadmin-key': askKey,
  },
  adminInputs: { 'fadmin-key': takeKey },
  secretInputs: ['fadmin-key'],
  minimumRole: { 'fadmin-keys': 'owner', 'fadmin-key': 'owner' },
}

const FIELDS = ['apiKey', 'phoneNumber', 'mnemonics'] as const

async function showKeys(chat: Chat, said: string[] = []): Promise<void> {
  chat.session.awaiting = undefined
  const { db, secrets, config } = chat.app
  const found = await readCredentials(db, secrets, config.fragment)
  const token = await databaseTokenStore(db, secrets).get()
  const lines = FIELDS.map((field) => {
    const value = found[field]
    const shown = !value
      ? chat.t('fadmin-key-none')
      : field === 'mnemonics'
        ? words(chat, value)
        : lastCharacters(value)
    return `${chat.t(`fadmin-key-${field}`)}: <code>${shown}</code>`
  })
  const failure = token?.failure
    ? [chat.t('fadmin-login-failed', { details: escapeHtml(shorten(token.failure, 200)) })]
    : []
  const jwt = token?.jwt && !token.refused ? lastCharacters(token.jwt, 6) : chat.t('fadmin-key-none')
  await show(chat, {
    text: [...said, chat.t('fadmin-keys-title'), ...lines, `JWT: <code>${jwt}</code>`, ...failure].join('\n'),
    keyboard: [
      ...FIELDS.map((field) => [
        button(chat, chat.t('fadmin-change', { name: chat.t(`fadmin-key-${field}`) }), ['fadmin-key', field]),
      ]),
      back(chat, 'fadmin'),
    ],
  })
}

/** Not even one word of a wallet's phrase may be shown. */
function words(chat: Chat, value: string): string {
  return chat.t('fadmin-words', { count: value.trim().split(/[\s,]+/).length })
}

async function askKey(chat: Chat, [field = '']: string[]): Promise<Answer> {
  if (!(FIELDS as readonly string[]).includes(field)) throw new UserError('order.moved')
  chat.session.awaiting = { input: 'fadmin-key', args: [field] }
  await show(chat, {
    text: chat.t('fadmin-ask-key', { name: chat.t(`fadmin-key-${field}`) }),
    keyboard: [back(chat, 'fadmin-keys')],
  })
}

/** The reseller is asked with the new value before it is used; until it works, the one of before is. */
async function takeKey(chat: Chat, [field = '']: string[]): Promise<void> {
  const value = (chat.ctx.message?.text ?? chat.ctx.message?.caption ?? '').trim()
  if (!(FIELDS as readonly string[]).includes(field)) throw new UserError('order.moved')
  check(field as keyof KeptCredentials, value)
  // The message that was typed is deleted, and the supplier takes its time.
  chat.session.awaiting = undefined
  await show(chat, { text: chat.t('fadmin-key-checking') })
  const tried = await tryCredential(chat.app, field as keyof KeptCredentials, value, {
    personId: chat.personId,
    bot: chat.bot.name,
  })
  const details = 'details' in tried ? escapeHtml(shorten(tried.details, 200)) : ''
  await showKeys(chat, [
    chat.t(`fadmin-key-${tried.is}`, { name: chat.t(`fadmin-key-${field}`), details }),
    '',
  ])
}

function check(field: keyof KeptCredentials, value: string): void {
  const good =
    field === 'phoneNumber'
      ? /^\+?\d{7,15}$/.test(value.replace(/[ ()-]/g, ''))
      : field === 'mnemonics'
        ? asLogin({ apiKey: 'x', phoneNumber: 'x', mnemonics: value }, 'x')!.mnemonics.length === 24
        : value.length >= 4
  if (!good) throw new UserError('key.invalid')
}
