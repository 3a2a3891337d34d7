import type { Context } from '#shared/context.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { createLimit } from '#shared/limits.ts'
import type { Limit } from '#shared/limits.ts'
import type { Reader } from '#shared/reader.ts'
import { shorten } from '#shared/storable.ts'
import { readPlan } from '../subscriptions/plans.ts'
import { checkPromo, normalCode, redeemPromo } from './promo.ts'
import type { Campaign } from './promo.ts'

/** Wrong codes that a person may type within ten minutes, so that guessing is hopeless. */
const TRIES = 8
const TRIES_SECONDS = 600
const LONGEST = 40

/** The person who has a code, and their bot: in a conversation or on the pages. */
export interface Holder extends Pick<Reader, 't' | 'money' | 'language'> {
  app: Pick<Context, 'db' | 'backend'>
  bot: { name: string }
  personId: bigint
}

const limits = new WeakMap<object, Limit>()
function triesOf({ app: { backend } }: Holder): Limit {
  const limit =
    limits.get(backend) ?? createLimit(backend, { name: 'promo', points: TRIES, seconds: TRIES_SECONDS })
  limits.set(backend, limit)
  return limit
}

/**
 * Says what a code would do, before it is used.
 * @returns with `effect` what it does, in HTML
 * @throws UserError `promo.*`, also when the person has tried too many codes
 */
export async function offerPromo(holder: Holder, typed: string): Promise<{ code: string; effect: string }> {
  if ((await triesOf(holder).take(String(holder.personId))) > 0) throw new UserError('promo.tries')
  const code = shorten(normalCode(typed), LONGEST)
  const { app, bot, personId } = holder
  const campaign = await checkPromo(app.db, { code, personId, bot: bot.name })
  return { code, effect: await effectOf(holder, campaign) }
}

/**
 * Applies a code. One offer is one use, also when it is pressed or handled twice and the code allows several uses.
 * @param use.draft the offer's number
 * @param use.typed a person typed the code and may be guessing; false for a code from a key of ours
 * @returns what it did, in HTML
 */
export async function applyPromo(
  holder: Holder,
  { code, draft, typed = false }: { code: string; draft: string; typed?: boolean },
): Promise<string> {
  const { app, bot, personId } = holder
  const tries = triesOf(holder)
  if (typed && (await tries.take(String(personId))) > 0) throw new UserError('promo.tries')
  const key = `press-${personId}-${draft}`
  const { campaign } = await app.db.tx((tx) => redeemPromo(tx, { code, personId, bot: bot.name, key }))
  if (typed) await tries.giveBack(String(personId))
  return await effectOf(holder, campaign)
}

async function effectOf(holder: Holder, campaign: Campaign): Promise<string> {
  const { kind, value, asset, product, plan: code, minimum, maximumBonus } = campaign
  const { t } = holder
  const sum = (amount: bigint) => holder.money(amount, asset ?? 'TOK')
  switch (kind) {
    case 'tokens':
      return t('promo-effect-money', { sum: holder.money(value, 'TOK') })
    case 'amount':
      return t('promo-effect-money', { sum: sum(value) })
    case 'percent':
      return [
        t('promo-effect-percent', { percent: String(value) }),
        ...(minimum > 0n ? [t('promo-effect-minimum', { sum: sum(minimum) })] : []),
        ...(maximumBonus === null ? [] : [t('promo-effect-maximum', { sum: sum(maximumBonus) })]),
      ].join(' ')
    case 'discount':
      return [
        t('promo-effect-discount', {
          percent: String(value),
          product: product === 'any' ? t('promo-any') : t(`operation-${product}`),
        }),
        ...(maximumBonus === null ? [] : [t('promo-effect-discount-maximum', { sum: sum(maximumBonus) })]),
      ].join(' ')
    case 'days': {
      const plan = await readPlan(holder.app.db, code!)
      return t('promo-effect-days', {
        days: String(value),
        plan: escapeHtml(plan?.name[holder.language] ?? code!),
      })
    }
  }
}
