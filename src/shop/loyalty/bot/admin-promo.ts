import { InputFile } from 'grammy'
import { discountedEntries } from '../promo/bonus.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { Asset } from '#shared/money.ts'
import { campaignReport, campaigns, countCampaigns } from '../promo/campaigns.ts'
import { checkedCampaign, limitWords, makeCampaign, rehearseCampaign } from '../promo/making.ts'
import { FIRST_YES, switchCampaign } from '../promo/switch.ts'
import { typedText } from '#workers/bot/chat.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, chatId, send, show } from '#workers/bot/screen.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'
import { readCampaign } from '../promo/line.ts'
import type { PromoLine } from '../promo/line.ts'
import { shorten } from '#shared/storable.ts'

const PAGE = 8

/** Here admins see campaigns with their cost and revenue, make one by a line of text, and get many codes as a file. */
export const adminPromo: Feature = {
  adminButtons: {
    'a-promo': (chat, [page = '0']) => showCampaigns(chat, Number(page)),
    'a-promo-one': (chat, [id = '']) => showCampaign(chat, BigInt(id)),
    'a-promo-new': ask,
    'a-promo-make': create,
    'a-promo-pause': sure('a-promo-pause', askPause, pause),
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

/** Pausing a campaign stops codes that people already have, so it asks first. Resuming asks nothing. */
async function askPause(chat: Chat, [id = '', paused = '']: string[]): Promise<Question | undefined> {
  const report = await campaignReport(chat.app.db, BigInt(id))
  if (paused !== '1' || !report || report.paused) return undefined
  const words = { name: escapeHtml(report.name), left: report.usesLeft }
  return {
    text: chat.t('admin-promo-pause-ask', words),
    yes: chat.t('admin-promo-pause-yes'),
    home: ['a-promo-one', id],
  }
}

async function pause(chat: Chat, [id = '', paused = '']: string[]): Promise<Answer> {
  const change = { id: BigInt(id), paused: paused === '1', bot: chat.bot.name, by: chat.personId }
  const outcome = await switchCampaign(chat.app, change)
  await showCampaign(chat, BigInt(id))
  return outcome === 'done' || outcome === 'already' ? undefined : { alert: chat.t(FIRST_YES[outcome]) }
}

async function ask(chat: Chat): Promise<void> {
  chat.session.awaiting = { input: 'a-promo-new', args: [] }
  await show(chat, { text: chat.t('admin-promo-ask'), keyboard: [back(chat, 'a-promo')] })
}

/** A campaign that an admin has typed and not confirmed yet. The session keeps it under `promo-typed`. */
interface Typed {
  line: string
  /** The update in which the campaign was typed: a second confirmation finds the campaign that the first one made. */
  update: number
}

const read = (chat: Chat, line: string): Promise<PromoLine> =>
  checkedCampaign(chat, readCampaign(line, chat.personId, discountedEntries(chat.app.goods)))

/** A code cannot be taken back once people have it, so the question says what the code gives and to how many people. */
async function askCreate(chat: Chat): Promise<void> {
  const typed: Typed = { line: typedText(chat), update: chat.ctx.update.update_id }
  const wanted = await read(chat, typed.line)
  const campaign = await rehearseCampaign(chat, wanted)
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
  if (String(typed?.update) !== update) return 'stale'
  const wanted = await read(chat, typed!.line)
  const made = await makeCampaign(chat, wanted, String(typed!.update))
  if (wanted.count !== undefined) {
    const file = new InputFile(Buffer.from(`${made.codes.join('\n')}\n`), 'promo-codes.txt')
    await chat.ctx.api.sendDocument(chatId(chat), file)
  }
  chat.session['promo-typed'] = undefined
  await showCampaign(chat, made.id)
  if (made.waits) await send(chat, { text: chat.t(made.waits) })
}
