import { rehearse } from '#shared/db/rehearse.ts'
import { UserError } from '#shared/errors.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import { PICTURES_AT_ONCE, readPlan } from '#shop/loyalty/subscriptions/plans.ts'
import type { Plan } from '#shop/loyalty/subscriptions/plans.ts'
import { keepPlan, planChangeOf, planWords } from '#shop/loyalty/subscriptions/writing.ts'
import type { PanelAdmin } from '../admin.ts'
import { mustBeAsSeen, mustGive, panelForm, SEEN_LENGTH, seenField } from '../form.ts'
import type { Field, Given } from '../form.ts'

const FIELDS = [...LANGUAGES, 'days', 'tokens', 'stars', 'discount', 'pictures']
/** A plan may have no price in tokens, or none in Stars. */
const MAY_BE_EMPTY = ['tokens', 'stars']

const valuesOf = (plan: Plan): Record<string, string> => ({
  ...plan.name,
  days: String(plan.days),
  tokens: plan.priceTokens === null ? '' : String(plan.priceTokens),
  stars: plan.priceStars === null ? '' : String(plan.priceStars),
  discount: String(plan.discountPercent),
  pictures: String(plan.limits[PICTURES_AT_ONCE] ?? ''),
})

const fieldsOf = ({ t }: PanelAdmin, values: Readonly<Record<string, string>>): Field[] =>
  FIELDS.map((name) => ({
    name,
    kind: 'line',
    value: values[name] ?? '',
    ...(name === 'stars' && { hint: t('panel-plan-stars') }),
    ...(name === 'tokens' && { hint: t('panel-plan-tokens') }),
    ...(name === 'discount' && { hint: t('panel-plan-discount') }),
  }))

/** An empty price is none. */
function changeOf(given: Given, pictures: boolean) {
  const pairs = FIELDS.map((name): [string, string] => [name, (given[name] ?? '').trim()])
  const kept = pairs
    .map(([name, text]): [string, string] => [name, text === '' && MAY_BE_EMPTY.includes(name) ? 'no' : text])
    .filter(([name, text]) => name !== 'pictures' || text !== '' || pictures)
  return planChangeOf(new Map(kept))
}

const names = Object.fromEntries(FIELDS.map((name) => [name, 60]))

interface Written {
  code: string
  isNew: boolean
  change: ReturnType<typeof changeOf>
  mustBe?: (now: Plan) => void
}

async function look(admin: PanelAdmin, written: Written): Promise<string[]> {
  const { before, after } = await rehearse(admin.app.db, (tx) => keepPlan(tx, admin, written))
  return [
    ...(before ? [`${admin.t('panel-was')}: ${planWords(admin, before)}`] : []),
    `${admin.t('panel-becomes')}: ${planWords(admin, after!)}`,
  ]
}

async function save(admin: PanelAdmin, written: Written, form: string) {
  await admin.app.db.tx((tx) => keepPlan(tx, admin, { ...written, form }))
  return { said: admin.t('setting-saved'), opens: 'plans' }
}

const newPlan = (admin: PanelAdmin, given: Given): Written => ({
  code: mustGive(admin, given, 'code'),
  isNew: true,
  change: changeOf(given, false),
})

const make = panelForm({
  at: '/forms/plan',
  as: 'a-plan-save',
  minimum: 'owner',
  confirmed: true,
  act: 'admin-plan-save',
  names: { ...names, code: 40 },
  async show(admin) {
    const { t } = admin
    return {
      title: t('admin-plan-new'),
      hint: t('panel-plan-hint'),
      fields: [
        { name: 'code', kind: 'line', hint: t('panel-plan-code') },
        ...fieldsOf(admin, { days: '30', discount: '0' }),
      ],
      links: [[t('panel-to-plans'), 'plans']],
    }
  },
  look: async (admin, given) => look(admin, newPlan(admin, given)),
  save: async (admin, given, form) => save(admin, newPlan(admin, given), form),
})

/** A plan that there is. @throws UserError `subscription.unknown` */
async function changed(admin: PanelAdmin, given: Given): Promise<Written> {
  const { plan: code = '' } = given
  const plan = await readPlan(admin.app.db, code)
  if (!plan) throw new UserError('subscription.unknown')
  return {
    code,
    isNew: false,
    change: changeOf(given, plan.limits[PICTURES_AT_ONCE] !== undefined),
    mustBe: (now) => mustBeAsSeen(given, valuesOf(now)),
  }
}

const change = panelForm({
  at: '/plans/:plan/edit',
  as: 'a-plan-save',
  minimum: 'owner',
  confirmed: true,
  act: 'admin-plan-save',
  names: { ...names, plan: 40, print: SEEN_LENGTH },
  async show(admin, { plan: code = '' }) {
    const { app, t, language } = admin
    const plan = await readPlan(app.db, code)
    if (!plan) throw new UserError('subscription.unknown')
    return {
      title: `${plan.name[language]} · ${code}`,
      hint: t('panel-plan-hint'),
      fields: [...fieldsOf(admin, valuesOf(plan)), seenField(valuesOf(plan))],
      links: [[t('panel-to-plans'), 'plans']],
    }
  },
  look: async (admin, given) => look(admin, await changed(admin, given)),
  save: async (admin, given, form) => save(admin, await changed(admin, given), form),
})

export const planForms = [...make, ...change]
