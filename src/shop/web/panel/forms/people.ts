import { UserError } from '#shared/errors.ts'
import { idFrom, personIdIn } from '#shared/ids.ts'
import { isAsset, readTyped } from '#shared/money.ts'
import { adminRows, ROLES } from '#shared/roles.ts'
import { nameOfPerson } from '#shared/people.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { shorten } from '#shared/storable.ts'
import {
  confirmAdjustment,
  demandCovered,
  draftAdjustment,
  needsSecond,
  readAdjustment,
  readLimits,
  rewriteDraft,
} from '#shop/admin/adjustments.ts'
import type { Adjustment } from '#shop/admin/adjustments.ts'
import { callForSecond, describe } from '#shop/admin/adjustment-words.ts'
import { personPage } from '#shop/admin/person.ts'
import { giveRole } from '#shop/admin/roles.ts'
import { peopleBy } from '#shop/admin/search.ts'
import type { PanelAdmin } from '../admin.ts'
import { mustGive, panelForm, wrongField } from '../form.ts'
import type { Given } from '../form.ts'

const LONGEST_REASON = 200
const CORRECTED = ['TOK', 'RUB', 'USDT', 'EUR']

/** @throws UserError `admin.no-person` for an address that names nobody */
async function personAt({ app }: PanelAdmin, { id = '' }: Given): Promise<bigint> {
  const personId = personIdIn(id)
  if (personId === undefined || !(await personPage(app.db, personId)))
    throw new UserError('admin.no-person', { id })
  return personId
}

/**
 * The typed fields of a correction.
 * @throws UserError `panel.field`, `amount.*`, `admin.reason`, `admin.no-person`
 */
async function correctionOf(admin: PanelAdmin, given: Given) {
  const personId = await personAt(admin, given)
  const asset = given['asset'] ?? ''
  if (!isAsset(asset) || !CORRECTED.includes(asset)) throw wrongField(admin, 'asset')
  if (!['up', 'down'].includes(given['direction'] ?? '')) throw wrongField(admin, 'direction')
  const typed = mustGive(admin, given, 'sum')
  const sum = readTyped(typed, asset)
  if (sum <= 0n) throw new UserError('amount.invalid', { text: shorten(typed, 40) })
  const reason = (given['reason'] ?? '').trim()
  if (reason === '' || reason.length > LONGEST_REASON) throw new UserError('admin.reason')
  return {
    personId,
    asset,
    amount: given['direction'] === 'down' ? -sum : sum,
    reason,
  }
}

/** A correction of a balance: above the limit it waits for a second admin, as in the chat. */
const adjust = panelForm({
  at: '/people/:id/adjust',
  as: 'a-adjust',
  minimum: 'admin',
  confirmed: true,
  act: 'panel-adjust-do',
  names: { direction: 10, asset: 10, sum: 40, reason: LONGEST_REASON },
  async show(admin, given) {
    const { app, t } = admin
    const personId = await personAt(admin, given)
    return {
      title: t('panel-adjust', { name: escapeHtml(await nameOfPerson(app.db, personId)) }),
      hint: t('panel-adjust-hint'),
      fields: [
        {
          name: 'direction',
          kind: 'choice',
          value: 'up',
          options: [
            ['up', t('panel-adjust-up')],
            ['down', t('panel-adjust-down')],
          ],
        },
        { name: 'sum', kind: 'line' },
        { name: 'asset', kind: 'choice', value: 'TOK', options: CORRECTED.map((one) => [one, one]) },
        { name: 'reason', kind: 'line', hint: t('panel-adjust-reason') },
      ],
      links: [[t('panel-to-person'), `person/${personId}`]],
    }
  },
  async look(admin, given) {
    const wanted = await correctionOf(admin, given)
    await demandCovered(admin.app.db, wanted)
    const words = await describe(admin, wanted)
    const large = needsSecond(wanted, await readLimits(admin.app, admin.bot.name))
    return [
      ...admin.t('adjust-confirm', words).split('\n'),
      ...(large ? [admin.t('adjust-large')] : []),
    ].filter(Boolean)
  },
  async save(admin, given, form) {
    const { app, bot, personId: by } = admin
    const wanted = await correctionOf(admin, given)
    const id = idFrom('panel-adjust', bot.name, by, form)
    const draft = { ...wanted, id, bot: bot.name, createdBy: by }
    let now = await draftAdjustment(app.db, draft)
    // A correction that was refused, because its sum was too large, may be sent again with another sum.
    if (now.state === 'draft') now = (await rewriteDraft(app.db, draft)) ?? now
    if (now.state === 'draft') now = await confirmOnce(admin, now)
    const words = {
      sum: admin.signed(now.amount, now.asset),
      name: escapeHtml(await nameOfPerson(app.db, now.personId)),
    }
    return {
      said: admin.t(now.state === 'waiting' ? 'panel-adjust-waits' : 'panel-adjusted', words),
      opens: `person/${now.personId}`,
    }
  },
})

/** When the key is pressed twice at once, the second press answers what the first one did. */
async function confirmOnce(admin: PanelAdmin, draft: Adjustment): Promise<Adjustment> {
  const { app, bot, personId } = admin
  try {
    const alert = await callForSecond(admin, draft)
    return await confirmAdjustment(app, draft.id, personId, bot.name, alert)
  } catch (error) {
    const now = await readAdjustment(app.db, draft.id)
    if (error instanceof UserError && error.code === 'admin.decided' && now && now.state !== 'draft')
      return now
    throw error
  }
}

/**
 * The person and the role that were typed.
 * @throws UserError `admin.no-person`, `admin.is-owner`, `role.self`
 */
async function roleOf(admin: PanelAdmin, given: Given) {
  const { app, bot } = admin
  const who = mustGive(admin, given, 'who')
  const [personId, ...more] = await peopleBy(app.db, who, await admin.served('owner'))
  if (personId === undefined || more.length > 0)
    throw new UserError('admin.no-person', { id: shorten(who, 60) })
  if (bot.isAdmin(personId)) throw new UserError('admin.is-owner')
  if (personId === admin.personId) throw new UserError('role.self')
  const role = ROLES.find((one) => one === given['role'])
  if (!role) throw wrongField(admin, 'role')
  const now = (await adminRows(app.db, bot.name)).find((one) => one.personId === personId)?.role
  return { personId, role, now }
}

const giveRoles = panelForm({
  at: '/forms/role',
  as: 'a-role-add',
  minimum: 'owner',
  confirmed: true,
  act: 'panel-role-do',
  names: { who: 70, role: 20 },
  filledIn: ['who'],
  async show({ t, bot }, { who = '' }) {
    return {
      title: t('panel-role', { bot: bot.name }),
      hint: t('panel-role-hint'),
      fields: [
        { name: 'who', kind: 'line', value: who, hint: t('panel-role-who') },
        {
          name: 'role',
          kind: 'choice',
          value: 'support',
          options: ROLES.map((role) => [role, t(`role-${role}`)]),
        },
      ],
      links: [[t('panel-to-roles'), 'roles']],
    }
  },
  async look(admin, given) {
    const { personId, role, now } = await roleOf(admin, given)
    const words = {
      name: escapeHtml(shorten(await nameOfPerson(admin.app.db, personId), 100)),
      id: String(personId),
      bot: admin.bot.name,
      before: admin.t(`role-${now ?? 'none'}`),
      after: admin.t(`role-${role}`),
    }
    return admin.t('role-sure', words).split('\n').filter(Boolean)
  },
  async save(admin, given) {
    const { app, bot, t } = admin
    const { personId, role } = await roleOf(admin, given)
    const done = await giveRole(app.db, { bot: bot.name, personId, role, by: admin.personId })
    return { said: t(done ? 'role-changed' : 'role-same'), opens: 'roles' }
  },
})

export const peopleForms = [...adjust, ...giveRoles]
