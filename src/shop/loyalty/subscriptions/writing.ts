import { audit, madeBy } from '#shared/audit.ts'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { lockWord } from '#shared/db/lock.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { LANGUAGES, inLanguages } from '#shared/i18n/languages.ts'
import type { Reader } from '#shared/reader.ts'
import { checkRoundTrips } from '#shared/settings/economy.ts'
import { savePlan } from './manage.ts'
import type { PlanChange } from './manage.ts'
import { PICTURES_AT_ONCE, planPrices, readPlan } from './plans.ts'
import type { Plan } from './plans.ts'

/** The owner who writes plans, in the chat or at the panel. */
interface Writer {
  app: Pick<Context, 'settings'>
  personId: bigint
  bot: { name: string }
}

/**
 * Stores a plan that was made or changed, with a line in the audit log.
 * @param wanted.form the form's id: a form that is sent again, because its answer was lost, finds the plan that it
 * has made
 * @throws UserError `plan.taken`, `plan.invalid`, `setting.round-trip`
 */
export async function keepPlan(
  tx: Sql,
  { app, personId, bot }: Writer,
  wanted: {
    code: string
    isNew: boolean
    change: PlanChange
    form?: string
    /** Throws when this is not the plan that the owner saw. */
    mustBe?: (now: Plan) => void
  },
): Promise<{ before: Plan | undefined; after: Plan | undefined }> {
  const { code, isNew, change, form } = wanted
  // Another admin who makes the same plan at the same moment waits here, because savePlan would let both of them
  // through.
  await lockWord(tx, `plan ${code}`)
  const before = await readPlan(tx, code)
  if (isNew && before) {
    const line = { actor: personId, action: 'plan.created', bot: bot.name }
    if (form === undefined || (await madeBy(tx, { ...line, update: form })) !== code)
      throw new UserError('plan.taken', { code })
    return { before: undefined, after: before }
  }
  if (before) wanted.mustBe?.(before)
  await savePlan(tx, code, change)
  await checkRoundTrips(app.settings, tx)
  const details = Object.fromEntries(
    Object.entries(change).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
  )
  await audit(tx, {
    actor: personId,
    action: before ? 'plan.changed' : 'plan.created',
    target: code,
    bot: bot.name,
    details: { ...details, ...(form !== undefined && { update: form }) },
  })
  return { before, after: await readPlan(tx, code) }
}

export const planWords = (reader: Pick<Reader, 't' | 'money'>, plan: Plan): string =>
  reader.t('admin-plan-terms', {
    ...inLanguages((language) => escapeHtml(plan.name[language])),
    days: plan.days,
    price: planPrices(reader, plan),
    discount: plan.discountPercent,
    pictures: plan.limits[PICTURES_AT_ONCE] ?? '—',
  })

const NAMES = [...LANGUAGES, 'days', 'tokens', 'stars', 'discount', 'pictures']

/**
 * Reads `days=30 tokens=90 stars=450 discount=20 pictures=4 ru="Про годовой" en=Pro`. `no` for tokens or Stars = not
 * sold for them.
 * @throws UserError `plan.line`
 */
export function readChange(text: string): PlanChange {
  const pairs = [...text.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map(
    ([, name = '', quoted, plain]) => [name, quoted ?? plain ?? ''] as const,
  )
  const left = text.replaceAll(/\w+=(?:"[^"]*"|\S+)/g, '').trim()
  const given = new Map(pairs)
  if (left !== '' || given.size !== pairs.length) throw new UserError('plan.line')
  return planChangeOf(given)
}

/**
 * Reads the same words from a line or from a form.
 * @throws UserError `plan.line`, `plan.invalid`
 */
export function planChangeOf(given: ReadonlyMap<string, string>): PlanChange {
  if (given.size === 0 || ![...given.keys()].every((name) => NAMES.includes(name)))
    throw new UserError('plan.line')
  // A plan has a name in all languages or in none: in a missing language its readers would see none.
  const named = LANGUAGES.filter((language) => given.has(language))
  if (named.length > 0 && named.length < LANGUAGES.length)
    throw new UserError('plan.invalid', { what: LANGUAGES.join(', ') })
  const number = (name: string) => {
    const value = given.get(name)
    if (value === undefined) return undefined
    if (!/^\d{1,40}$/.test(value)) throw new UserError('plan.invalid', { what: name })
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
