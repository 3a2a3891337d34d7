import { InputFile } from 'grammy'
import { sql as q } from 'kysely'
import { loyaltySql } from '../tables.ts'
import { discountedEntries } from '../promo/bonus.ts'
import { audit } from '#shared/audit.ts'
import type { Sql } from '#shared/db/db.ts'
import { rehearse } from '#shared/db/rehearse.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { readPolicy } from '#shared/money/decisions.ts'
import type { DecisionPolicy } from '#shared/money/decisions.ts'
import type { Asset } from '#shared/money.ts'
import {
  addCode,
  campaignReport,
  campaigns,
  countCampaigns,
  createCampaign,
  generateCodes,
  pauseCampaign,
} from '../promo/campaigns.ts'
import { decideCampaign, switchCampaign } from '../promo/switch.ts'
import { readPlan } from '../subscriptions/plans.ts'
import { botRows } from '#shop/admin/run-time-bots.ts'
import { mayChangeForAll } from '#shared/settings/for-all.ts'
import { mustReach } from '#shared/acts.ts'
import { typedText } from '#workers/bot/chat.ts'
import { checkGifts } from '#shared/settings/economy.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, chatId, send, show } from '#workers/bot/screen.ts'
import { campaignLimits, readCampaign } from './promo-line.ts'
import type { PromoLine } from './promo-line.ts'
import { shorten } from '#shared/storable.ts'

const PAGE = 8

/** Admins: campaigns with their cost and revenue, new ones by one line of text, codes in bulk as a file. */
export const adminPromo: Feature = {
  adminButtons: {
    'a-promo': (chat, [page = '0']) => showCampaigns(chat, Number(page)),
    'a-promo-one': (chat, [id = '']) => showCampaign(chat, BigInt(id)),
    'a-promo-new': ask,
    'a-promo-make': create,
    'a-promo-pause': pause,
  },
  adminInputs: { 'a-promo-new': askCreate },
  admin: { sections: [{ text: 'admin-promo', route: 'a-promo' }] },
}

async function showCampaigns(chat: Chat, page: number): Promise<void> {
  chat.session.awaiting = undefined
  const served = await chat.served('admin')
  const [count, list] = await Promise.all([
    countCampaigns(chat.app.db, served),
    campaigns(chat.app.db, { limit: PAGE, offset: page * PAGE }, served),
  ])
  const pager = [
    ...(page > 0 ? [button(chat, chat.t('history-newest'), 'a-promo')] : []),
    ...(count > (page + 1) * PAGE ? [button(chat, chat.t('history-older'), ['a-promo', page + 1])] : []),
  ]
  await show(chat, {
    text: chat.t('admin-promo-title', { count }),
    keyboard: [
      [button(chat, chat.t('admin-promo-new'), 'a-promo-new', 'primary')],
      ...list.map(({ id, name, paused }) => [
        button(chat, `${paused ? '⏸ ' : ''}${shorten(name, 30)}`, ['a-promo-one', String(id)]),
      ]),
      ...(pager.length > 0 ? [pager] : []),
      back(chat, 'admin'),
    ],
  })
}

/** As its owner reads it; what they type is another matter. */
function limitValue(chat: Chat, name: string, value: string): string {
  if (name === 'product') return value === 'any' ? chat.t('promo-any') : chat.t(`operation-${value}`)
  return escapeHtml(value)
}

/** What these limit is a purchase, not a top-up. */
const OF_DISCOUNTS = ['asset', 'max']

const limitWords = (chat: Chat, campaign: Parameters<typeof campaignLimits>[0]): string =>
  campaignLimits(campaign)
    .map(([name, value]) => {
      const words = campaign.kind === 'discount' && OF_DISCOUNTS.includes(name) ? `discount-${name}` : name
      return chat.t(`promo-limit-${words}`, { value: limitValue(chat, name, value) })
    })
    .join(', ') || '—'

async function showCampaign(chat: Chat, id: bigint): Promise<void> {
  const report = await campaignReport(chat.app.db, id)
  if (!report) throw new UserError('promo.unknown')
  const sums = (list: { asset: Asset; amount: bigint }[]) =>
    list.map(({ asset, amount }) => chat.money(amount, asset)).join(' · ') || '—'
  await show(chat, {
    text: chat.t('admin-promo-report', {
      name: escapeHtml(report.name),
      kind: chat.t(`promo-kind-${report.kind}`),
      value: report.kind === 'amount' ? chat.money(report.value, report.asset!) : String(report.value),
      limits: limitWords(chat, report),
      codes: report.codes,
      uses: report.uses,
      left: report.usesLeft,
      people: report.people,
      cost: sums(report.cost),
      revenue: sums(report.revenue),
    }),
    keyboard: [
      [
        button(chat, chat.t(report.paused ? 'admin-promo-resume' : 'admin-promo-pause'), [
          'a-promo-pause',
          String(id),
          report.paused ? 0 : 1,
        ]),
      ],
      back(chat, 'a-promo'),
    ],
  })
}

async function pause(chat: Chat, [id = '', paused = '']: string[]): Promise<Answer> {
  const change = { id: BigInt(id), paused: paused === '1', bot: chat.bot.name, by: chat.personId }
  const outcome = await switchCampaign(chat.app, change)
  await showCampaign(chat, BigInt(id))
  return outcome === 'second-needed' ? { alert: chat.t('decision-second') } : undefined
}

async function ask(chat: Chat): Promise<void> {
  chat.session.awaiting = { input: 'a-promo-new', args: [] }
  await show(chat, { text: chat.t('admin-promo-ask'), keyboard: [back(chat, 'a-promo')] })
}

/** When the file of codes was not sent, the line is read again: it is about the same codes then, not about more. */
async function makeOnce(
  tx: Sql,
  chat: Chat,
  policy: DecisionPolicy,
  wanted: PromoLine,
  update: number,
): Promise<{ id: bigint; codes: string[]; waits: boolean }> {
  const line = { actor: chat.personId, action: 'promo.created', bot: chat.bot.name }
  const [earlier] = await tx.rows(
    loyaltySql
      .selectFrom('audit_log')
      .select(q<bigint>`target::bigint`.as('id'))
      .where('actor_id', '=', line.actor)
      .where('action', '=', line.action)
      .where('bot', '=', line.bot)
      .where(q`details ->> 'update'`, '=', String(update)),
  )
  if (earlier) {
    const rows = await tx.rows(
      loyaltySql
        .selectFrom('promo_codes')
        .select('code')
        .where('campaign_id', '=', earlier.id)
        .orderBy('code'),
    )
    const waits =
      (await decideCampaign(tx, policy, deciding(chat), earlier.id, chat.app.goods)) === 'second-needed'
    return { id: earlier.id, codes: rows.map(({ code }) => code), waits }
  }
  const id = await createCampaign(tx, wanted.campaign)
  await checkCode(tx, chat, wanted)
  const codes =
    wanted.count === undefined
      ? [await addCode(tx, id, wanted.code, wanted.uses)]
      : await generateCodes(tx, id, wanted.count, wanted.uses)
  const waits = (await decideCampaign(tx, policy, deciding(chat), id, chat.app.goods)) === 'second-needed'
  if (waits) await pauseCampaign(tx, id, true)
  const { kind, value } = wanted.campaign
  const details = { kind, value: String(value), codes: codes.length, update }
  await audit(tx, { ...line, target: String(id), details })
  return { id, codes, waits }
}

const deciding = ({ bot, personId }: Chat) => ({ bot: bot.name, by: personId })

/** A bonus that a circle would turn into money is a gift, and gifts have an end. @throws UserError `setting.round-trip` */
async function checkCode(tx: Sql, { app }: Chat, { campaign }: PromoLine): Promise<void> {
  const { kind, value, maximumBonus } = campaign
  if (kind === 'discount') await checkGifts(app.settings, tx)
  if (kind === 'percent' && maximumBonus === undefined) await checkGifts(app.settings, tx, value)
}

/** @throws UserError `promo.nowhere` for a plan or a bot that there is not */
async function mustBeThere(chat: Chat, { campaign: { plan, bot } }: PromoLine): Promise<void> {
  const there =
    (plan === undefined || (await readPlan(chat.app.db, plan)) !== undefined) &&
    (bot === undefined || (await botRows(chat.app.db)).some(({ name }) => name === bot))
  if (!there) throw new UserError('promo.nowhere')
}

/**
 * A campaign for one bot is made by who serves it, one for all bots by who serves all.
 * @throws UserError `bot.not-yours`, `promo.all-bots`
 */
async function mustServeItsBots(chat: Chat, { campaign: { bot } }: PromoLine): Promise<void> {
  if (bot !== undefined) return await mustReach(chat, 'bot', bot, { minimum: 'admin' })
  if (!(await mayChangeForAll(chat.app.db, chat.app, chat.personId, 'admin')))
    throw new UserError('promo.all-bots', { bot: chat.bot.name })
}

/** What was typed, until its yes; kept under `promo-typed`. */
interface Typed {
  line: string
  /** The message it was typed in: by it a second yes finds what the first one made. */
  update: number
}

async function read(chat: Chat, line: string): Promise<PromoLine> {
  const wanted = readCampaign(line, chat.personId, discountedEntries(chat.app.goods))
  await mustBeThere(chat, wanted)
  await mustServeItsBots(chat, wanted)
  return wanted
}

/** A code is out once somebody has it: what it gives, to how many, stands above the yes. */
async function askCreate(chat: Chat): Promise<void> {
  const typed: Typed = { line: typedText(chat), update: chat.ctx.update.update_id }
  const wanted = await read(chat, typed.line)
  const campaign = await rehearse(chat.app.db, async (tx) => {
    const id = await createCampaign(tx, wanted.campaign)
    await checkCode(tx, chat, wanted)
    if (wanted.count === undefined) await addCode(tx, id, wanted.code, wanted.uses)
    return (await campaignReport(tx, id))!
  })
  chat.session['promo-typed'] = typed
  chat.session.awaiting = undefined
  const { count = 1, uses } = wanted
  await show(chat, {
    text: chat.t('admin-promo-sure', {
      name: escapeHtml(campaign.name),
      kind: chat.t(`promo-kind-${campaign.kind}`),
      value:
        campaign.kind === 'amount' ? chat.money(campaign.value, campaign.asset!) : String(campaign.value),
      limits: limitWords(chat, campaign),
      codes: count,
      uses: count * uses,
    }),
    keyboard: [
      [button(chat, chat.t('admin-promo-make'), ['a-promo-make', typed.update], 'success')],
      back(chat, 'a-promo-new'),
    ],
  })
}

async function create(chat: Chat, [update = '']: string[]): Promise<Answer> {
  const typed = chat.session['promo-typed'] as Typed | undefined
  if (String(typed?.update) !== update) return { alert: chat.t('stale-button') }
  const wanted = await read(chat, typed!.line)
  const policy = await readPolicy(chat.app, chat.bot.name)
  const made = await chat.app.db.tx((tx) => makeOnce(tx, chat, policy, wanted, typed!.update))
  if (wanted.count !== undefined) {
    const file = new InputFile(Buffer.from(`${made.codes.join('\n')}\n`), 'promo-codes.txt')
    await chat.ctx.api.sendDocument(chatId(chat), file)
  }
  chat.session['promo-typed'] = undefined
  await showCampaign(chat, made.id)
  if (made.waits) await send(chat, { text: chat.t('decision-second') })
}
