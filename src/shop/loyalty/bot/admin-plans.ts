import { rehearse } from '#shared/db/rehearse.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { allPlans, switchPlan } from '../subscriptions/manage.ts'
import { keepPlan, planWords, readChange } from '../subscriptions/writing.ts'
import { PICTURES_AT_ONCE, readPlan } from '../subscriptions/plans.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'
import { inLanguages } from '#shared/i18n/languages.ts'

/** Here the owner makes plans, changes their texts and prices by one line of text, retires them and sells them again. */
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

/** A plan that an admin has typed and not confirmed yet. The session keeps it under `plan-typed`. */
interface Typed {
  code: string
  isNew: boolean
  line: string
  /** The update in which the plan was typed, so that the key below an older question does not save a newer text. */
  update: number
}

/** A change of a plan holds in every bot at once, so the admin sees the old and the new plan before confirming. */
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
  const change = { code: typed.code, isNew, change: readChange(typed.line) }
  const { before, after } = await rehearse(chat.app.db, (tx) => keepPlan(tx, chat, change))
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
  if (String(typed?.update) !== update) return 'stale'
  const { code, isNew, line } = typed!
  await chat.app.db.tx((tx) => keepPlan(tx, chat, { code, isNew, change: readChange(line) }))
  chat.session['plan-typed'] = undefined
  await showPlan(chat, code)
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
