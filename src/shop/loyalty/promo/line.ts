import { UserError } from '#shared/errors.ts'
import { formatAmount, isAsset, readTyped } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import type { NewCampaign } from './campaigns.ts'
import type { Campaign, PromoKind } from './promo.ts'
import { MOSCOW_OFFSET, inMoscow } from '#shared/i18n/moscow.ts'

export const PROMO_KINDS: readonly string[] = ['amount', 'tokens', 'percent', 'discount', 'days']
/** The names that may follow the first four words, and the kinds of codes that each name is for. */
const NAMES = new Map<string, readonly string[]>([
  ...['bot', 'per', 'first', 'from', 'until', 'name'].map((name) => [name, PROMO_KINDS] as const),
  ['asset', ['amount', 'percent', 'discount']],
  ['product', ['discount']],
  ['plan', ['days']],
  ['min', ['percent']],
  ['max', ['percent', 'discount']],
])
const MOST_CODES = 50_000
const MOST_USES = 1_000_000
const MOST_DAYS = 3_650n
const DAY_MS = 86_400_000

export interface PromoLine {
  campaign: NewCampaign
  code: string
  count?: number
  uses: number
}

/**
 * Reads `<kind> <value> <code or *count> <uses> [name=value ...]`, for example `percent 20 SPRING 100
 * until=2027-03-01`. A word that is unclear, or does nothing for this kind, is refused and not left out, because
 * money is at stake.
 * @param products the goods that a discount may be for
 * @throws UserError `promo.line`, `amount.unclear`
 */
export function readCampaign(
  text: string,
  createdBy: bigint,
  products: readonly string[],
  now = new Date(),
): PromoLine {
  const [kind = '', value = '', code = '', uses = '1', ...pairs] = text.trim().split(/\s+/)
  const more = new Map(pairs.map(namedValue))
  need(more.size === pairs.length)
  return campaignOf({ kind, value, code, uses, more }, createdBy, products, now)
}

/** The words of such a line, from a message or from a form of the panel. */
export interface CampaignWords {
  kind: string
  value: string
  code: string
  uses: string
  more: ReadonlyMap<string, string>
}

/** @throws UserError `promo.line`, `amount.unclear` */
export function campaignOf(
  { kind, value, code, uses, more }: CampaignWords,
  createdBy: bigint,
  products: readonly string[],
  now = new Date(),
): PromoLine {
  const count = /^\*(\d{1,5})$/.exec(code)?.[1]
  const asset = more.get('asset')?.toUpperCase()
  const [from, until] = [dayOf(more.get('from'), 'from'), dayOf(more.get('until'), 'until')]
  const endsAt = until && new Date(until.getTime() + DAY_MS)
  need(PROMO_KINDS.includes(kind), 'promo')
  for (const name of more.keys()) need(NAMES.get(name)?.includes(kind) === true, name)
  const isSum = ['amount', 'tokens'].includes(kind)
  need((isSum ? /^\d{1,12}([.,]\d{1,9})?$/ : /^\d{1,12}$/).test(value), 'value')
  need(/^\d{1,7}$/.test(uses) && Number(uses) >= 1 && Number(uses) <= MOST_USES, 'uses')
  need(count === undefined || (Number(count) >= 1 && Number(count) <= MOST_CODES), 'codes')
  need(asset === undefined ? kind !== 'amount' : isAsset(asset), 'asset')
  need(kind !== 'discount' || asset === undefined || more.has('max'), 'max')
  need(kind !== 'discount' || ['any', ...products].includes(more.get('product') ?? ''), 'product')
  need(kind !== 'days' || more.has('plan'), 'plan')
  need(/^[1-9]\d{0,2}$/.test(more.get('per') ?? '1'), 'per')
  need(['yes', 'no'].includes(more.get('first') ?? 'no'), 'first')
  need(endsAt === undefined || (endsAt > now && (from === undefined || from < endsAt)), 'until')
  const units = readTyped(value, kind === 'amount' ? (asset as Asset) : 'TOK')
  need(units > 0n && (!['percent', 'discount'].includes(kind) || units <= 100n), 'value')
  need(kind !== 'days' || units <= MOST_DAYS, 'value')
  // Bounds are sums of one currency: a bonus then counts only for top-ups in it, a discount only for purchases in
  // it.
  const bounded = more.has('min') || more.has('max') ? ((asset as Asset | undefined) ?? 'TOK') : asset
  const bound = (name: string) => {
    const given = more.get(name)
    if (given === undefined) return undefined
    const amount = readTyped(given, (bounded as Asset | undefined) ?? 'TOK')
    need(amount > 0n, name)
    return amount
  }
  return {
    campaign: {
      name: more.get('name') ?? code,
      kind: kind as PromoKind,
      value: units,
      asset: bounded as Asset | undefined,
      product: more.get('product'),
      plan: more.get('plan'),
      bot: more.get('bot'),
      perPerson: Number(more.get('per') ?? 1),
      firstPurchaseOnly: more.get('first') === 'yes',
      minimum: bound('min'),
      maximumBonus: bound('max'),
      startsAt: from,
      endsAt,
      createdBy,
    },
    code,
    count: count === undefined ? undefined : Number(count),
    uses: Number(uses),
  }
}

function namedValue(pair: string): [string, string] {
  const [, name, value] = /^(\w+)=(.+)$/.exec(pair) ?? []
  need(name !== undefined && value !== undefined)
  return [name, value]
}

/** The limits of a campaign in the words in which they are typed. */
export const writeLimits = (campaign: Campaign): string =>
  campaignLimits(campaign)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

/** What limits a campaign, by the names of the line. */
export function campaignLimits(campaign: Campaign): [name: string, value: string][] {
  const { product, plan, bot, perPerson, firstPurchaseOnly, minimum, maximumBonus, startsAt, endsAt } =
    campaign
  const sum = (amount: bigint) => formatAmount(amount, campaign.asset ?? 'TOK')
  const all = {
    asset: ['percent', 'discount'].includes(campaign.kind) ? campaign.asset : null,
    product,
    plan,
    bot,
    per: perPerson > 1 ? perPerson : null,
    first: firstPurchaseOnly ? 'yes' : null,
    min: minimum > 0n ? sum(minimum) : null,
    max: maximumBonus && sum(maximumBonus),
    from: startsAt && writtenDay(startsAt),
    until: endsAt && writtenDay(new Date(endsAt.getTime() - 1)),
  }
  return Object.entries(all)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => [name, String(value)])
}

const writtenDay = (date: Date) => inMoscow(date).split('T')[0]!

/** The first moment of a day in Moscow. */
function dayOf(text: string | undefined, name: string): Date | undefined {
  if (text === undefined) return undefined
  const day = new Date(`${text}T00:00:00${MOSCOW_OFFSET}`)
  // JavaScript would turn 30 February into a day of March.
  need(/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime()) && writtenDay(day) === text, name)
  return day
}

/** @param what the name of the value that is not right, where there is one */
function need(right: boolean, what?: string): asserts right {
  if (!right) throw new UserError('promo.line', what === undefined ? undefined : { what })
}
