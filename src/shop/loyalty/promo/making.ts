import { mustReach } from '#shared/acts.ts'
import type { Acting } from '#shared/acts.ts'
import { audit, madeBy } from '#shared/audit.ts'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { rehearse } from '#shared/db/rehearse.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { readPolicy } from '#shared/money/decisions.ts'
import type { DecisionPolicy } from '#shared/money/decisions.ts'
import { isBot } from '#shared/owners.ts'
import type { Reader } from '#shared/reader.ts'
import { checkRoundTrips } from '#shared/settings/economy.ts'
import { mayChangeForAll } from '#shared/settings/for-all.ts'
import { readPlan } from '../subscriptions/plans.ts'
import { loyaltySql } from '../tables.ts'
import { addCode, campaignReport, createCampaign, generateCodes, pauseCampaign } from './campaigns.ts'
import type { CampaignReport } from './campaigns.ts'
import { campaignLimits } from './line.ts'
import type { PromoLine } from './line.ts'
import { decideCampaign, FIRST_YES } from './switch.ts'

/** The admin who makes codes, in the chat or at the panel. */
interface Maker extends Acting {
  app: Pick<Context, 'db' | 'settings' | 'config' | 'bots' | 'goods'>
  bot: { name: string }
}

/** The value of a limit as the owner reads it, which differs from what the owner types. */
function limitValue({ t }: Pick<Reader, 't'>, name: string, value: string): string {
  if (name === 'product') return value === 'any' ? t('promo-any') : t(`operation-${value}`)
  return escapeHtml(value)
}

/** With these limits a discount is for a purchase, not for a top-up. */
const OF_DISCOUNTS = ['asset', 'max']

export const limitWords = (
  reader: Pick<Reader, 't'>,
  campaign: Parameters<typeof campaignLimits>[0],
): string =>
  campaignLimits(campaign)
    .map(([name, value]) => {
      const words = campaign.kind === 'discount' && OF_DISCOUNTS.includes(name) ? `discount-${name}` : name
      return reader.t(`promo-limit-${words}`, { value: limitValue(reader, name, value) })
    })
    .join(', ') || '—'

/**
 * Checks that the plan and the bot of a campaign exist, and that this admin may give codes for them.
 * @throws UserError `promo.nowhere`, `promo.all-bots`, `bot.not-yours`
 */
export async function checkedCampaign(maker: Maker, wanted: PromoLine): Promise<PromoLine> {
  await mustBeThere(maker, wanted)
  await mustServeItsBots(maker, wanted)
  return wanted
}

/** @throws UserError `promo.nowhere` when the plan or the bot does not exist */
async function mustBeThere({ app: { db } }: Maker, { campaign: { plan, bot } }: PromoLine): Promise<void> {
  const there =
    (plan === undefined || (await readPlan(db, plan)) !== undefined) &&
    (bot === undefined || (await isBot(db, bot)))
  if (!there) throw new UserError('promo.nowhere')
}

/**
 * A campaign for one bot is made by an admin who serves that bot, a campaign for all bots by one who serves all.
 * @throws UserError `bot.not-yours`, `promo.all-bots`
 */
async function mustServeItsBots(maker: Maker, { campaign: { bot } }: PromoLine): Promise<void> {
  if (bot !== undefined) return await mustReach(maker, 'bot', bot, { minimum: 'admin' })
  const { app, personId } = maker
  if (!(await mayChangeForAll(app.db, app, personId, 'admin')))
    throw new UserError('promo.all-bots', { bot: maker.bot.name })
}

/** Makes the campaign and rolls it back, so that the admin learns before the yes what would be refused. */
export const rehearseCampaign = (maker: Maker, wanted: PromoLine): Promise<CampaignReport> =>
  rehearse(maker.app.db, async (tx) => {
    const id = await createCampaign(tx, wanted.campaign)
    await checkCode(tx, maker, wanted)
    if (wanted.count === undefined) await addCode(tx, id, wanted.code, wanted.uses)
    return (await campaignReport(tx, id))!
  })

/**
 * @param update the message or the form in which the campaign was typed: a second yes finds the campaign of the
 * first
 */
export async function makeCampaign(
  maker: Maker,
  wanted: PromoLine,
  update: string,
): Promise<{ id: bigint; codes: string[]; waits: string | undefined }> {
  const policy = await readPolicy(maker.app, maker.bot.name)
  return await maker.app.db.tx((tx) => makeOnce(tx, maker, policy, wanted, update))
}

async function makeOnce(tx: Sql, maker: Maker, policy: DecisionPolicy, wanted: PromoLine, update: string) {
  const line = { actor: maker.personId, action: 'promo.created', bot: maker.bot.name }
  const earlier = await madeBy(tx, { ...line, update })
  if (earlier !== undefined) {
    const id = BigInt(earlier)
    const rows = await tx.rows(
      loyaltySql.selectFrom('promo_codes').select('code').where('campaign_id', '=', id).orderBy('code'),
    )
    const waits = await firstYes(tx, maker, policy, id)
    return { id, codes: rows.map(({ code }) => code), waits }
  }
  const id = await createCampaign(tx, wanted.campaign)
  await checkCode(tx, maker, wanted)
  const codes =
    wanted.count === undefined
      ? [await addCode(tx, id, wanted.code, wanted.uses)]
      : await generateCodes(tx, id, wanted.count, wanted.uses)
  const waits = await firstYes(tx, maker, policy, id)
  if (waits) await pauseCampaign(tx, id, true)
  const { kind, value } = wanted.campaign
  const details = { kind, value: String(value), codes: codes.length, update }
  await audit(tx, { ...line, target: String(id), details })
  return { id, codes, waits }
}

/** @returns what the admin reads while the codes wait for the yes of another admin */
async function firstYes(tx: Sql, { bot, personId, app }: Maker, policy: DecisionPolicy, id: bigint) {
  const decided = await decideCampaign(tx, policy, { bot: bot.name, by: personId }, id, app.goods)
  return decided === 'done' ? undefined : FIRST_YES[decided]
}

/**
 * A bonus that people could turn into money by buying and selling in a circle is a gift, and a gift needs an end.
 * @throws UserError `setting.round-trip`
 */
async function checkCode(tx: Sql, { app }: Maker, { campaign }: PromoLine): Promise<void> {
  const { kind, value, maximumBonus } = campaign
  if (kind === 'discount') await checkRoundTrips(app.settings, tx)
  if (kind === 'percent' && maximumBonus === undefined) await checkRoundTrips(app.settings, tx, value)
}
