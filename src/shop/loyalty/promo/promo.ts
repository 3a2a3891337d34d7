import { sql as q } from 'kysely'
import { lockWord } from '#shared/db/lock.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { checkDecider } from '#shared/money/decisions.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import type { Asset } from '#shared/money.ts'
import { loyaltySql } from '../tables.ts'
import { grantPeriod } from '../subscriptions/subscriptions.ts'
import { NOW } from '#shared/db/build.ts'

/** What a promo code does. `percent` and `discount` wait for the next top-up or purchase. */
export type PromoKind = 'amount' | 'tokens' | 'percent' | 'discount' | 'days'

export interface Campaign {
  id: bigint
  name: string
  kind: PromoKind
  /** Minor units of `asset`, tokens, per cent, or days of `plan`. */
  value: bigint
  asset: Asset | null
  product: string | null
  plan: string | null
  bot: string | null
  perPerson: number
  firstPurchaseOnly: boolean
  /** A top-up below this many minor units gets no bonus; a bonus is never larger than the maximum. */
  minimum: bigint
  maximumBonus: bigint | null
  startsAt: Date | null
  endsAt: Date | null
  paused: boolean
}

export interface PromoUse {
  id: bigint
  code: string
  campaignId: bigint
  personId: bigint
  state: 'waiting' | 'given' | 'taken_back'
  asset: Asset | null
  given: bigint | null
  createdAt: Date
}

/** The columns of a campaign, selected from `promo_campaigns as c`. */
export const campaignColumns = [
  ...(['c.id', 'c.name', 'c.kind', 'c.value', 'c.asset', 'c.product', 'c.plan', 'c.bot'] as const),
  ...(['c.per_person as perPerson', 'c.first_purchase_only as firstPurchaseOnly', 'c.minimum'] as const),
  ...(['c.maximum_bonus as maximumBonus', 'c.starts_at as startsAt', 'c.ends_at as endsAt'] as const),
  'c.paused',
] as const

const useColumns = [
  'id',
  'code',
  'campaign_id as campaignId',
  'person_id as personId',
  'state',
  'asset',
  'given',
  'created_at as createdAt',
] as const

/** The characters of a code. */
export const CODE = /^[A-Z0-9_-]{3,40}$/

/** Codes are read as people type them: any case, spaces around. */
export function normalCode(text: string): string {
  return text.trim().toUpperCase()
}

/**
 * Finds what the code would do for this person now, without using it.
 * @throws UserError `promo.unknown`, `.expired`, `.early`, `.other-bot`, `.used`, `.first-only`, `.used-up`
 */
export async function checkPromo(
  sql: Sql,
  use: { code: string; personId: bigint; bot: string },
): Promise<Campaign> {
  const code = normalCode(use.code)
  if (!CODE.test(code)) throw new UserError('promo.unknown')
  const [found] = await sql.rows(
    loyaltySql
      .selectFrom('promo_codes as k')
      .innerJoin('promo_campaigns as c', 'c.id', 'k.campaign_id')
      .select(campaignColumns)
      .select([
        'k.uses_left as usesLeft',
        q<boolean>`coalesce(c.starts_at > now(), false)`.as('early'),
        q<boolean>`coalesce(c.ends_at <= now(), false)`.as('over'),
        q<number>`(select count(*) from promo_uses u
          where u.campaign_id = c.id and u.person_id = ${use.personId})::int`.as('own'),
        q<boolean>`exists (select from payments
          where person_id = ${use.personId} and state in ('paid', 'overpaid', 'refunded'))`.as('paid'),
      ])
      .where('k.code', '=', code),
  )
  if (!found || found.paused) throw new UserError('promo.unknown')
  if (found.bot !== null && found.bot !== use.bot) throw new UserError('promo.other-bot')
  if (found.over) throw new UserError('promo.expired')
  if (found.early) throw new UserError('promo.early')
  if (found.own >= found.perPerson) throw new UserError('promo.used')
  if (found.firstPurchaseOnly && found.paid) throw new UserError('promo.first-only')
  if (found.usesLeft === 0) throw new UserError('promo.used-up')
  return found
}

/**
 * Uses a code once, inside a transaction. Of two people who want the last use at the same moment, one gets it.
 * @param use.key the caller's own name for this use: the same key again is the same use
 * @throws UserError as checkPromo, and `promo.conflict` when the key belongs to another use
 */
export async function redeemPromo(
  tx: Sql,
  use: { code: string; personId: bigint; bot: string; key?: string },
): Promise<{ use: PromoUse; campaign: Campaign; repeated: boolean }> {
  const code = normalCode(use.code)
  // Two uses by one person wait for each other, so that both cannot pass the check of the same key or the same
  // limit.
  await lockWord(tx, `promo ${use.personId}`)
  const earlier = use.key === undefined ? undefined : await useOfKey(tx, use.bot, use.key)
  if (earlier) {
    if (earlier.code !== code || earlier.personId !== use.personId) throw new UserError('promo.conflict')
    const [campaign] = await tx.rows(
      loyaltySql
        .selectFrom('promo_campaigns as c')
        .select(campaignColumns)
        .where('c.id', '=', earlier.campaignId),
    )
    return { use: earlier, campaign: campaign!, repeated: true }
  }
  const campaign = await checkPromo(tx, use)
  await notByItsMaker(tx, campaign.id, use.personId)
  const [taken] = await tx.rows(
    loyaltySql
      .updateTable('promo_codes')
      .set(({ eb }) => ({ uses_left: eb('uses_left', '-', 1), uses: eb('uses', '+', 1) }))
      .where('code', '=', code)
      .where('uses_left', '>', 0)
      .returning('code'),
  )
  if (!taken) throw new UserError('promo.used-up')
  const [fresh] = await tx.rows(
    loyaltySql
      .insertInto('promo_uses')
      .values({
        code,
        campaign_id: campaign.id,
        person_id: use.personId,
        number: q<number>`(select count(*) + 1 from promo_uses
          where campaign_id = ${campaign.id} and person_id = ${use.personId})`,
        bot: use.bot,
        idempotency_key: use.key ?? null,
        state: 'waiting',
      })
      .onConflict((conflict) => conflict.constraint('promo_uses_idempotent').doNothing())
      .returning(useColumns),
  )
  // Another person's use under the same key was committed just now.
  if (!fresh) throw new UserError('promo.conflict')
  return { use: await giveNow(tx, fresh, campaign, use.bot), campaign, repeated: false }
}

/**
 * Nobody gives a code to themselves: neither the admin who made it nor the second admin who agreed may use it. A
 * person whom its maker invited may use it only if two admins agreed.
 * @throws UserError `promo.own`
 */
async function notByItsMaker(tx: Sql, campaign: bigint, personId: bigint): Promise<void> {
  const [made] = await tx.rows(
    loyaltySql
      .selectFrom('promo_campaigns as c')
      .leftJoin('money_decisions as d', (on) => on.on('d.reference', '=', `promo-${campaign}`))
      .select(['c.created_by as by', 'd.second_id as second'])
      .where('c.id', '=', campaign),
  )
  const { by, second } = made!
  if (personId === by || personId === second) throw new UserError('promo.own')
  if (second !== null) return
  await checkDecider(tx, by, personId).catch((error: unknown) => {
    throw error instanceof UserError ? new UserError('promo.own') : error
  })
}

async function useOfKey(tx: Sql, bot: string, key: string): Promise<PromoUse | undefined> {
  const [found] = await tx.rows(
    loyaltySql
      .selectFrom('promo_uses')
      .select(useColumns)
      .where('bot', '=', bot)
      .where('idempotency_key', '=', key),
  )
  return found
}

/** Money and days are given at once. A bonus and a discount wait for the next top-up or purchase. */
async function giveNow(tx: Sql, use: PromoUse, campaign: Campaign, bot: string): Promise<PromoUse> {
  switch (campaign.kind) {
    case 'amount':
    case 'tokens': {
      const asset = campaign.kind === 'tokens' ? 'TOK' : campaign.asset!
      await giveMoney(tx, { use, bot, asset, amount: campaign.value, reference: `promo-${use.id}` })
      return markGiven(tx, use.id, asset, campaign.value)
    }
    case 'days':
      await grantPeriod(tx, {
        personId: use.personId,
        plan: campaign.plan!,
        bot,
        paidWith: 'promo',
        days: Number(campaign.value),
        renews: false,
        reference: `promo-${use.id}`,
      })
      return markGiven(tx, use.id, null, null)
    default:
      return use
  }
}

/** @param gift.usedFor the payment or order whose refund takes it back */
export async function giveMoney(
  tx: Sql,
  gift: {
    use: Pick<PromoUse, 'id' | 'code' | 'personId'>
    bot: string
    asset: Asset
    amount: bigint
    reference: string
    usedFor?: string
  },
): Promise<void> {
  const { use, bot, asset, amount, reference, usedFor } = gift
  const details = { promo: String(use.id), ...(usedFor && { for: usedFor }) }
  const posting = { reference, kind: 'promo' as const, description: use.code, bot, details }
  await post(tx, transfer({ system: `promo:${bot}` }, { person: use.personId }, { asset, amount }, posting))
}

export async function markGiven(
  tx: Sql,
  id: bigint,
  asset: Asset | null,
  amount: bigint | null,
  usedFor?: string,
): Promise<PromoUse> {
  const [given] = await tx.rows(
    loyaltySql
      .updateTable('promo_uses')
      .set({ state: 'given', asset, given: amount, given_at: NOW, used_for: usedFor ?? null })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .returning(useColumns),
  )
  return given!
}
