import { audit } from '#shared/audit.ts'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Assortment } from '#shared/good.ts'
import { decideMoney, readPolicy } from '#shared/money/decisions.ts'
import type { DecisionPolicy } from '#shared/money/decisions.ts'
import { mostOf, pauseCampaign } from './campaigns.ts'

/** The admin who decides, and the bot in which they decide. */
interface Deciding {
  bot: string
  by: bigint
}

/**
 * What the first of two admins reads after their yes. A higher limit for one admin does not let a discount without
 * an end go.
 */
export const FIRST_YES = {
  'second-needed': 'decision-second',
  'second-always': 'decision-second-always',
} as const

/**
 * Asks for as much as the codes can still give. Above one admin's limit the campaign stays paused until a second
 * admin agrees.
 */
export async function decideCampaign(
  tx: Sql,
  policy: DecisionPolicy,
  { bot, by }: Deciding,
  id: bigint,
  goods: Assortment,
) {
  const most = await mostOf(tx, id, policy.secondAbove, goods)
  if (most === undefined) return 'done' as const
  const decided = await decideMoney(tx, policy, {
    kind: 'promo',
    reference: `promo-${id}`,
    bot,
    by,
    ...most,
    find: '/admin',
  })
  return decided === 'second-needed' && most.large ? ('second-always' as const) : decided
}

/** Pauses the codes of a campaign, or lets them work again. */
export async function switchCampaign(
  app: Pick<Context, 'db' | 'settings' | 'config' | 'bots' | 'goods'>,
  change: Deciding & { id: bigint; paused: boolean },
): Promise<'done' | keyof typeof FIRST_YES | 'already'> {
  const { id, paused, bot, by } = change
  const policy = await readPolicy(app, bot)
  return app.db.tx(async (tx) => {
    // A campaign that waits for a second admin is paused until that admin agrees.
    const decided = paused ? 'done' : await decideCampaign(tx, policy, change, id, app.goods)
    if (decided !== 'done') return decided
    if (!(await pauseCampaign(tx, id, paused))) return 'already'
    await audit(tx, { actor: by, action: paused ? 'promo.paused' : 'promo.resumed', target: String(id), bot })
    return 'done'
  })
}
