import { InputFile } from 'grammy'
import { audit } from '../../../shared/audit.ts'
import { UserError } from '../../../shared/errors.ts'
import { escapeHtml } from '../../../shared/i18n/format.ts'
import { isAsset, parseAmount } from '../../../shared/money.ts'
import type { Asset } from '../../../shared/money.ts'
import {
  addCode,
  campaignReport,
  campaigns,
  createCampaign,
  generateCodes,
  pauseCampaign,
} from '../../../shared/promo/campaigns.ts'
import type { NewCampaign } from '../../../shared/promo/campaigns.ts'
import type { PromoKind } from '../../../shared/promo/promo.ts'
import type { Chat } from '../chat.ts'
import type { Feature } from '../feature.ts'
import { back, button, chatId, show } from '../screen.ts'

const PAGE = 8
const KINDS: readonly PromoKind[] = ['amount', 'tokens', 'percent', 'discount', 'days']
const MOST_CODES = 50_000
const MOST_USES = 1_000_000

/** Admins: campaigns with their cost and revenue, new ones by one line of text, codes in bulk as a file. */
export const adminPromo: Feature = {
  adminButtons: {
    'a-promo': (chat) => showCampaigns(chat),
    'a-promo-one': (chat, [id = '']) => showCampaign(chat, BigInt(id)),
    'a-promo-new': ask,
    'a-promo-pause': pause,
  },
  adminInputs: { 'a-promo-new': create },
  admin: { sections: [{ text: 'admin-promo', route: 'a-promo' }] },
}

async function showCampaigns(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const list = await campaigns(chat.app.db, { limit: PAGE, offset: 0 })
  await show(chat, {
    text: chat.t('admin-promo-title', { count: list.length }),
    keyboard: [
      [button(chat, chat.t('admin-promo-new'), 'a-promo-new', 'primary')],
      ...list.map(({ id, name, paused }) => [
        button(chat, `${paused ? '⏸ ' : ''}${name.slice(0, 30)}`, ['a-promo-one', String(id)]),
      ]),
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
      kind: report.kind,
      value: report.asset ? chat.money(report.value, report.asset) : String(report.value),
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

async function pause(chat: Chat, [id = '', paused = '']: string[]): Promise<void> {
  await chat.app.db.tx(async (tx) => {
    if (!(await pauseCampaign(tx, BigInt(id), paused === '1'))) return
    const action = paused === '1' ? 'promo.paused' : 'promo.resumed'
    await audit(tx, { actor: chat.personId, action, target: id, bot: chat.bot.name })
  })
  await showCampaign(chat, BigInt(id))
}

async function ask(chat: Chat): Promise<void> {
  chat.session.awaiting = { input: 'a-promo-new', args: [] }
  await show(chat, { text: chat.t('admin-promo-ask'), keyboard: [back(chat, 'a-promo')] })
}

async function create(chat: Chat): Promise<void> {
  const wanted = readCampaign(chat.ctx.message?.text ?? '', chat.personId)
  const made = await chat.app.db.tx(async (tx) => {
    const id = await createCampaign(tx, wanted.campaign)
    const codes =
      wanted.count === undefined
        ? [await addCode(tx, id, wanted.code, wanted.uses)]
        : await generateCodes(tx, id, wanted.count, wanted.uses)
    const details = { kind: wanted.campaign.kind, value: String(wanted.campaign.value), codes: codes.length }
    await audit(tx, {
      actor: chat.personId,
      action: 'promo.created',
      target: String(id),
      bot: chat.bot.name,
      details,
    })
    return { id, codes }
  })
  chat.session.awaiting = undefined
  if (made.codes.length > 1) {
    const file = new InputFile(Buffer.from(`${made.codes.join('\n')}\n`), 'promo-codes.txt')
    await chat.ctx.api.sendDocument(chatId(chat), file)
  }
  await showCampaign(chat, made.id)
}

/**
 * `<kind> <value> <code or *count> <uses> [name=value ...]`, for example `percent 20 SPRING 100 until=2027-03-01`.
 * @throws UserError `promo.line`
 */
export function readCampaign(
  text: string,
  createdBy: bigint,
): { campaign: NewCampaign; code: string; count?: number; uses: number } {
  const [kind = '', value = '', code = '', uses = '1', ...pairs] = text.trim().split(/\s+/)
  const more = Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]))
  const asset = more['asset']?.toUpperCase()
  const count = /^\*(\d{1,5})$/.exec(code)?.[1]
  const endsAt = more['until'] ? new Date(more['until']) : undefined
  const bad =
    !KINDS.includes(kind as PromoKind) ||
    !/^\d{1,12}([.,]\d{1,9})?$/.test(value) ||
    !/^\d{1,7}$/.test(uses) ||
    Number(uses) < 1 ||
    Number(uses) > MOST_USES ||
    (count !== undefined && (Number(count) < 1 || Number(count) > MOST_CODES)) ||
    (asset !== undefined && !isAsset(asset)) ||
    (kind === 'amount' && asset === undefined) ||
    (kind === 'discount' &&
      !['any', 'generation', 'stars', 'premium', 'subscription'].includes(more['product'] ?? '')) ||
    (kind === 'days' && !more['plan']) ||
    (endsAt !== undefined && Number.isNaN(endsAt.getTime()))
  if (bad) throw new UserError('promo.line')
  const units = kind === 'amount' ? parseAmount(value, asset as Asset) : parseAmount(value, 'TOK')
  if (units === 0n || (['percent', 'discount'].includes(kind) && units > 100n))
    throw new UserError('promo.line')
  return {
    campaign: {
      name: more['name'] ?? code,
      kind: kind as PromoKind,
      value: units,
      asset: asset as Asset | undefined,
      product: more['product'],
      plan: more['plan'],
      bot: more['bot'],
      perPerson: /^[1-9]\d{0,2}$/.test(more['per'] ?? '') ? Number(more['per']) : 1,
      firstPurchaseOnly: more['first'] === 'yes',
      endsAt,
      createdBy,
    },
    code,
    count: count === undefined ? undefined : Number(count),
    uses: Number(uses),
  }
}
