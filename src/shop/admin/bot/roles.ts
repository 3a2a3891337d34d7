import { ROLES, adminRows } from '#shared/roles.ts'
import { giveRole } from '../roles.ts'
import { peopleBy } from '../search.ts'
import { UserError } from '#shared/errors.ts'
import { nameOfPerson } from '#shared/people.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { shorten } from '#shared/storable.ts'

/** Shows who has which role in this bot. Only owners give roles. */
export const roles: Feature = {
  adminButtons: {
    'a-roles': (chat) => showRoles(chat),
    'a-role': (chat, [id = '']) => showRole(chat, BigInt(id)),
    'a-role-add': askWho,
    'a-role-set': askToGive,
    'a-role-yes': give,
  },
  adminInputs: { 'a-role-add': findWho },
  minimumRole: {
    'a-roles': 'owner',
    'a-role': 'owner',
    'a-role-add': 'owner',
    'a-role-set': 'owner',
    'a-role-yes': 'owner',
  },
  admin: { sections: [{ text: 'admin-section-roles', route: 'a-roles', minimum: 'owner' }] },
}

async function showRoles(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const rows = await adminRows(chat.app.db, chat.bot.name)
  const owners = chat.bot.admins.map((id) => `<code>${id}</code>`).join(', ')
  await show(chat, {
    text: chat.t('roles-title', { bot: chat.bot.name, owners }),
    keyboard: [
      ...rows.map((row) => [
        button(
          chat,
          shorten(
            `${row.firstName || (row.username ?? '') || String(row.personId)} · ${chat.t(`role-${row.role}`)}`,
            60,
          ),
          ['a-role', String(row.personId)],
        ),
      ]),
      [button(chat, chat.t('roles-add'), 'a-role-add', 'primary')],
      back(chat, 'admin'),
    ],
  })
}

async function askWho(chat: Chat): Promise<void> {
  chat.session.awaiting = { input: 'a-role-add', args: [] }
  await show(chat, { text: chat.t('roles-who'), keyboard: [back(chat, 'a-roles')] })
}

async function findWho(chat: Chat): Promise<void> {
  const origin = chat.ctx.message?.forward_origin
  const word = origin?.type === 'user' ? String(origin.sender_user.id) : (chat.ctx.message?.text ?? '')
  const [found, ...more] = await peopleBy(chat.app.db, word.trim(), await chat.served('owner'))
  if (found === undefined || more.length > 0)
    throw new UserError('admin.no-person', { id: shorten(word, 60) })
  await showRole(chat, found)
}

async function showRole(chat: Chat, personId: bigint): Promise<void> {
  chat.session.awaiting = undefined
  if (chat.bot.isAdmin(personId)) throw new UserError('admin.is-owner')
  const row = (await adminRows(chat.app.db, chat.bot.name)).find((one) => one.personId === personId)
  const key = String(personId)
  const name = await nameOfPerson(chat.app.db, personId)
  await show(chat, {
    text: chat.t('role-ask', {
      id: key,
      name: escapeHtml(shorten(name, 100)),
      role: chat.t(`role-${row?.role ?? 'none'}`),
    }),
    keyboard: [
      ...ROLES.map((role) => [
        button(chat, `${row?.role === role ? '✓ ' : ''}${chat.t(`role-${role}`)}`, ['a-role-set', key, role]),
      ]),
      ...(row ? [[button(chat, chat.t('role-take'), ['a-role-set', key, 'none'], 'danger')]] : []),
      back(chat, 'a-roles'),
    ],
  })
}

/** The key for owner stands beside the others, so the old and the new role are shown before the confirmation. */
async function askToGive(chat: Chat, [id = '', given = '']: string[]): Promise<Answer> {
  const personId = BigInt(id)
  if (personId === chat.personId) throw new UserError('role.self')
  const [row, name] = await Promise.all([
    adminRows(chat.app.db, chat.bot.name).then((rows) => rows.find((one) => one.personId === personId)),
    nameOfPerson(chat.app.db, personId),
  ])
  const now = row?.role ?? 'none'
  const role = ROLES.find((one) => one === given) ?? 'none'
  if (role === now) return { toast: chat.t('role-same') }
  await show(chat, {
    text: chat.t('role-sure', {
      name: escapeHtml(shorten(name, 100)),
      id,
      bot: chat.bot.name,
      before: chat.t(`role-${now}`),
      after: chat.t(`role-${role}`),
    }),
    keyboard: [
      [button(chat, chat.t('role-yes'), ['a-role-yes', id, role], role === 'none' ? 'danger' : 'success')],
      back(chat, ['a-role', id]),
    ],
  })
}

async function give(chat: Chat, [id = '', given = '']: string[]): Promise<Answer> {
  const role = ROLES.find((one) => one === given)
  await giveRole(chat.app.db, { bot: chat.bot.name, personId: BigInt(id), role, by: chat.personId })
  await showRoles(chat)
  return { toast: chat.t('role-changed') }
}
