import { UserError } from '#shared/errors.ts'
import { MAX_RECIPIENTS, parseUsernames } from '../input.ts'
import { refuseWhileStopped } from '../place.ts'
import { findRecipients, viaReseller } from '../selling.ts'
import { isKind, PREMIUM, resoldKinds, STARS } from '../good.ts'
import type { Kind } from '../good.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { keepRecipients } from './sale-parts.ts'
import { hideReplyKeys, showReplyKeys } from '#workers/bot/reply-keys.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { showChoice } from './sale-choice.ts'

/** The choice of recipients: the buyer, a friend, or several people at once. */
export const saleRecipients: Feature = {
  commands: Object.fromEntries(
    [STARS, PREMIUM].map(({ kind }) => [kind, (chat: Chat, names: string) => begin(chat, kind, names)]),
  ),
  buttons: {
    sale: (chat, [kind]) => askForWhom(chat, kindOf(kind)),
    'sale-self': (chat, [kind]) => forOneself(chat, kindOf(kind)),
    'sale-other': (chat, [kind]) => askNames(chat, kindOf(kind)),
  },
  inputs: {
    'sale-names': (chat, [kind]) => takeNames(chat, kindOf(kind), chat.ctx.message?.text ?? ''),
  },
  other: takeShared,
}

function kindOf(text: string | undefined): Kind {
  if (!isKind(text)) throw new UserError('order.stale')
  return text
}

async function begin(chat: Chat, kind: Kind, names: string): Promise<void> {
  if (names === '') return void (await askForWhom(chat, kind))
  // After a wrong name the person can type another one without the command.
  chat.session.awaiting = { input: 'sale-names', args: [kind] }
  await takeNames(chat, kind, names)
}

async function askForWhom(chat: Chat, kind: Kind): Promise<Answer> {
  chat.session.awaiting = undefined
  if (await viaReseller(chat, kind)) await refuseWhileStopped(chat.app.db)
  await show(chat, {
    text: chat.t(`sale-whom-${kind}`),
    keyboard: [
      [
        button(chat, chat.t('sale-self'), ['sale-self', kind], 'primary'),
        button(chat, chat.t('sale-other'), ['sale-other', kind]),
      ],
      [button(chat, chat.t('orders-mine'), ['orders', 0])],
      back(chat, 'menu'),
    ],
  })
}

async function forOneself(chat: Chat, kind: Kind): Promise<Answer> {
  const username = chat.ctx.from?.username
  if (!username) throw new UserError('own.username')
  await choose(chat, kind, [username])
}

async function askNames(chat: Chat, kind: Kind): Promise<Answer> {
  chat.session.awaiting = { input: 'sale-names', args: [kind] }
  await show(chat, { text: chat.t('sale-names'), keyboard: [back(chat, ['sale', kind])] })
  await showReplyKeys(chat, chat.t('sale-contacts-ask'), [
    [
      {
        text: chat.t('sale-contacts'),
        request_users: {
          request_id: resoldKinds.indexOf(kind),
          user_is_bot: false,
          max_quantity: MAX_RECIPIENTS,
          request_name: true,
          request_username: true,
        },
      },
    ],
  ])
}

/** After wrong names the question stays open, so that the person can type again. */
async function takeNames(chat: Chat, kind: Kind, text: string): Promise<void> {
  const names = parseUsernames(text)
  await choose(chat, kind, names)
  chat.session.awaiting = undefined
}

/**
 * People picked from the contacts. The request's number says for which good, even if the session has forgotten the
 * question.
 */
async function takeShared(chat: Chat): Promise<boolean> {
  const shared = chat.ctx.message?.users_shared
  const kind = shared && resoldKinds[shared.request_id]
  if (!kind) return false
  const nameless = shared.users.filter(({ username }) => !username)
  if (nameless.length > 0) {
    const names = nameless.map(({ first_name, user_id }) => first_name ?? String(user_id))
    throw new UserError('contact.username', { names: names.join(', '), count: names.length })
  }
  await takeNames(chat, kind, shared.users.map(({ username }) => `@${username}`).join(','))
  return true
}

async function choose(chat: Chat, kind: Kind, usernames: string[]): Promise<void> {
  const recipients = await findRecipients(chat, kind, usernames)
  const names = recipients.map(({ name, username }) => name ?? `@${username}`).join(', ')
  await hideReplyKeys(chat, chat.t('sale-contacts-picked', { names }))
  keepRecipients(chat, kind, recipients)
  await showChoice(chat, kind, 0)
}
