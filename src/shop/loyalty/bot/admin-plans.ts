import { audit } from '#shared/audit.ts'
import type { Sql } from '#shared/db/db.ts'
import { rehearse } from '#shared/db/rehearse.ts'
import { UserError } from '#shared/errors.ts'
import { checkGifts } from '#shared/settings/economy.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { allPlans, savePlan, switchPlan } from '../subscriptions/manage.ts'
import type { PlanChange } from '../subscriptions/manage.ts'
import { PICTURES_AT_ONCE, readPlan } from '../subscriptions/plans.ts'
import type { Plan } from '../subscriptions/plans.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'
import { LANGUAGES, inLanguages } from '#shared/i18n/languages.ts'

/** The owner's plans of subscriptions: new ones, changes and prices by one line of text, retired and sold again. */
export const adminPlans: Feature = {
  adminButtons: {
    'a-plans': (chat) => showPlans(chat),
    'a-plan': (chat, [code = '']) => showPlan(chat, code),
    'a-plan-edit': ask,
    'a-plan-save': save,
    'a-plan-sale': sure('a-plan-sale', askSale, sell),
  },
  adminInputs: { 'a-plan-edit': askSave },
  minimumRole: { 'a-plan-edit': 'owner', 'a-plan-save': 'owner', 'a-plan-sale': 'owner' },
  admin: { sections: [{ text: 'admin-plans', route: 'a-plans' }] },
}

async function showPlans(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const plans = await allPlans(chat.app.db)
  await show(chat, {
    text: chat.t('admin-plans-title'),
    keyboard: [
      [button(chat, chat.t('admin-plan-new'), ['a-plan-edit', ''], 'primary')],
      ...plans.map(({ code, name, active, subscribers }) => [
        button(chat, `${active ? '' : '🚫 '}${name[chat.language]} · 👥 ${subscribers}`, ['a-plan', code]),
      ]),
      back(chat, 'admin'),
    ],
  })
}

async function showPlan(chat: Chat, code: string): Promise<void> {
  chat.session.awaiting = undefined
  const plan = await readPlan(chat.app.db, code)
  if (!plan) throw new UserError('subscription.unknown')
  const subscribers = (await allPlans(chat.app.db)).find((one) => one.code === code)?.subscribers ?? 0
  await show(chat, {
    text: chat.t('admin-plan', {
      code,
      ...inLanguages((language) => escapeHtml(plan.name[language])),
      state: chat.t(plan.active ? 'admin-plan-sold' : 'admin-plan-retired'),
      days: plan.days,
      tokens: plan.priceTokens === null ? '—' : chat.money(plan.priceTokens, 'TOK'),
      stars: plan.priceStars === null ? '—' : chat.money(BigInt(plan.priceStars), 'XTR'),
      discount: plan.discountPercent,
      pictures: plan.limits[PICTURES_AT_ONCE] ?? '—',
      subscribers,
    }),
    keyboard: [
      [button(chat, chat.t('admin-plan-edit'), ['a-plan-edit', code])],
      [
        plan.active
          ? button(chat, chat.t('admin-plan-retire'), ['a-plan-sale', code, 'off'], 'danger')
          : button(chat, chat.t('admin-plan-resell'), ['a-plan-sale', code, 'on']),
      ],
      back(chat, 'a-plans'),
    ],
  })
}

async function ask(chat: Chat, [code = '']: string[]): Promise<void> {
  chat.session.awaiting = { input: 'a-plan-edit', args: [code] }
  await show(chat, {
    text: chat.t(code === '' ? 'admin-plan-ask-new' : 'admin-plan-ask', { code }),
    keyboard: [back(chat, code === '' ? 'a-plans' : ['a-plan', code])],
  })
}

/** What was typed, until its yes; kept under `plan-typed`. */
interface Typed {
  code: string
  isNew: boolean
  line: string
  /** The message it was typed in: an older question's key does not save a newer line. */
  update: number
}

/** A typed plan holds in every bot at once: the admin sees how it is and how it would be before it is saved. */
async function askSave(chat: Chat, [known = '']: string[]): Promise<void> {
  const text = chat.ctx.message?.text?.trim() ?? ''
  const [, first = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? []
  const isNew = known === ''
  const typed: Typed = {
    code: isNew ? first : known,
    isNew,
    line: isNew ? rest : text,
    update: chat.ctx.update.update_id,
  }
  const { before, after } = await rehearse(chat.app.db, (tx) => keepPlan(tx, chat, typed))
  chat.session['plan-typed'] = typed
  chat.session.awaiting = undefined
  await show(chat, {
    text: chat.t('admin-plan-sure', {
      code: escapeHtml(typed.code),
      before: before ? planWords(chat, before) : '—',
      after: planWords(chat, after!),
    }),
    keyboard: [
      [button(chat, chat.t('admin-plan-save'), ['a-plan-save', typed.update], 'success')],
      back(chat, ['a-plan-edit', known]),
    ],
  })
}

async function save(chat: Chat, [update = '']: string[]): Promise<Answer> {
  const typed = chat.session['plan-typed'] as Typed | undefined
  if (String(typed?.update) !== update) return { alert: chat.t('stale-button') }
  await chat.app.db.tx((tx) => keepPlan(tx, chat, typed!))
  chat.session['plan-typed'] = undefined
  await showPlan(chat, typed!.code)
}

async function keepPlan(tx: Sql, chat: Chat, { code, isNew, line }: Typed) {
  const change = readChange(line)
  const before = await readPlan(tx, code)
  if (isNew && before) throw new UserError('plan.taken', { code })
  await savePlan(tx, code, change)
  await checkGifts(chat.app.settings, tx)
  const details = Object.fromEntries(
    Object.entries(change).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
  )
  await audit(tx, {
    actor: chat.personId,
    action: before ? 'plan.changed' : 'plan.created',
    target: code,
    bot: chat.bot.name,
    details,
  })
  return { before, after: await readPlan(tx, code) }
}

const planWords = (chat: Chat, plan: Plan): string =>
  chat.t('admin-plan-terms', {
    ...inLanguages((language) => escapeHtml(plan.name[language])),
    days: plan.days,
    tokens: plan.priceTokens === null ? '—' : chat.money(plan.priceTokens, 'TOK'),
    stars: plan.priceStars === null ? '—' : chat.money(BigInt(plan.priceStars), 'XTR'),
    discount: plan.discountPercent,
    pictures: plan.limits[PICTURES_AT_ONCE] ?? '—',
  })

const NAMES = [...LANGUAGES, 'days', 'tokens', 'stars', 'discount', 'pictures']

/**
 * `days=30 tokens=90 stars=450 discount=20 pictures=4 ru="Про годовой" en=Pro`; tokens or stars `no` = not sold so.
 * @throws UserError `plan.line`
 */
export function readChange(text: string): PlanChange {
  const pairs = [...text.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map(
    ([, name = '', quoted, plain]) => [name, quoted ?? plain ?? ''] as const,
  )
  const left = text.replaceAll(/\w+=(?:"[^"]*"|\S+)/g, '').trim()
  const given = new Map(pairs)
  if (
    left !== '' ||
    given.size === 0 ||
    given.size !== pairs.length ||
    !pairs.every(([name]) => NAMES.includes(name))
  )
    throw new UserError('plan.line')
  // All names or none: a plan without one would have none for the readers of that language.
  const named = LANGUAGES.filter((language) => given.has(language))
  if (named.length > 0 && named.length < LANGUAGES.length)
    throw new UserError('plan.invalid', { what: LANGUAGES.join(', ') })
  const number = (name: string) => {
    const value = given.get(name)
    if (value === undefined) return undefined
    if (!/^\d{1,9}$/.test(value)) throw new UserError('plan.invalid', { what: name })
    return Number(value)
  }
  const price = (name: string) => (given.get(name) === 'no' ? null : number(name))
  const tokens = price('tokens')
  const read = {
    name: named.length > 0 ? inLanguages((language) => given.get(language)!) : undefined,
    days: number('days'),
    priceTokens: typeof tokens === 'number' ? BigInt(tokens) : tokens,
    priceStars: price('stars'),
    discountPercent: number('discount'),
    pictures: number('pictures'),
  }
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}

async function askSale(chat: Chat, [code = '', on = '']: string[]): Promise<Question | undefined> {
  const plan = (await allPlans(chat.app.db)).find((one) => one.code === code)
  if (on !== 'off' || !plan) return undefined
  const words = { plan: escapeHtml(plan.name[chat.language]), subscribers: plan.subscribers }
  return {
    text: chat.t('admin-plan-retire-ask', words),
    yes: chat.t('admin-plan-retire-yes'),
    home: ['a-plan', code],
  }
}

async function sell(chat: Chat, [code = '', on = '']: string[]): Promise<void> {
  await switchPlan(chat.app.db, { code, retired: on === 'off', bot: chat.bot.name, by: chat.personId })
  await showPlan(chat, code)
}
