import { escapeHtml } from '#shared/i18n/format.ts'
import { ASSETS } from '#shared/money.ts'
import { discountedEntries } from '#shop/loyalty/promo/bonus.ts'
import { campaignOf, PROMO_KINDS } from '#shop/loyalty/promo/line.ts'
import type { PromoLine } from '#shop/loyalty/promo/line.ts'
import { checkedCampaign, limitWords, makeCampaign, rehearseCampaign } from '#shop/loyalty/promo/making.ts'
import { allPlans } from '#shop/loyalty/subscriptions/manage.ts'
import { plain } from '../../views.ts'
import type { PanelAdmin } from '../admin.ts'
import { mustGive, panelForm } from '../form.ts'
import type { Field, Given } from '../form.ts'

const MORE = ['asset', 'product', 'plan', 'bot', 'per', 'first', 'min', 'max', 'from', 'until', 'name']

/**
 * Reads a campaign from the form's fields, as the chat reads it from a line.
 * @throws UserError `promo.*`, `amount.*`, `panel.field`
 */
async function wantedOf(admin: PanelAdmin, given: Given): Promise<PromoLine> {
  const more = new Map(
    MORE.map((name): [string, string] => [name, (given[name] ?? '').trim()]).filter(
      ([, text]) => text !== '',
    ),
  )
  // The currency of a discount is that of its bound.
  if (given['promo'] === 'discount' && !more.has('max')) more.delete('asset')
  // Several codes are made up; one has a name that people remember.
  const code =
    given['many'] === 'yes' ? `*${mustGive(admin, given, 'codes')}` : mustGive(admin, given, 'code')
  const words = {
    kind: mustGive(admin, given, 'promo'),
    value: mustGive(admin, given, 'value'),
    code,
    uses: (given['uses'] ?? '').trim() || '1',
    more,
  }
  return await checkedCampaign(admin, campaignOf(words, admin.personId, discountedEntries(admin.app.goods)))
}

const only = (...is: string[]): Pick<Field, 'when'> => ({ when: { field: 'promo', is } })

const make = panelForm({
  at: '/forms/promo',
  as: 'a-promo-make',
  minimum: 'admin',
  confirmed: true,
  act: 'admin-promo-make',
  names: {
    ...Object.fromEntries(MORE.map((name) => [name, 60])),
    promo: 20,
    value: 30,
    many: 3,
    code: 60,
    codes: 10,
    uses: 10,
  },
  async show(admin) {
    const { app, t, language } = admin
    const [plans, served] = await Promise.all([allPlans(app.db), admin.served('admin')])
    const all: [string, string][] = served === undefined ? [['', plain(t('setting-scope-all'))]] : []
    const bots = served ?? [...app.bots.keys()]
    const yesOrNo: [string, string][] = [
      ['', t('panel-no')],
      ['yes', t('panel-yes')],
    ]
    const fields: Field[] = [
      {
        name: 'promo',
        kind: 'choice',
        value: 'tokens',
        options: PROMO_KINDS.map((kind) => [kind, plain(t(`promo-kind-${kind}`)).replace(/:$/, '')]),
      },
      { name: 'value', kind: 'line', hint: t('panel-promo-value') },
      {
        name: 'asset',
        kind: 'choice',
        value: 'RUB',
        options: ASSETS.filter((asset) => asset !== 'XTR').map((asset) => [asset, asset]),
        ...only('amount', 'percent', 'discount'),
      },
      {
        name: 'product',
        kind: 'choice',
        value: 'any',
        options: ['any', ...discountedEntries(app.goods)].map((one) => [
          one,
          plain(t(one === 'any' ? 'promo-any' : `operation-${one}`)),
        ]),
        ...only('discount'),
      },
      {
        name: 'plan',
        kind: 'choice',
        value: plans[0]?.code ?? '',
        options: plans.map(({ code, name }) => [code, name[language]]),
        ...only('days'),
      },
      {
        name: 'many',
        kind: 'choice',
        options: [
          ['', t('panel-promo-one')],
          ['yes', t('panel-promo-many')],
        ],
      },
      { name: 'code', kind: 'line', hint: t('panel-promo-code'), when: { field: 'many', is: [''] } },
      { name: 'codes', kind: 'line', hint: t('panel-promo-codes'), when: { field: 'many', is: ['yes'] } },
      { name: 'uses', kind: 'line', value: '1' },
      { name: 'per', kind: 'line', value: '1' },
      { name: 'first', kind: 'choice', options: yesOrNo },
      { name: 'min', kind: 'line', ...only('percent') },
      { name: 'max', kind: 'line', ...only('percent', 'discount') },
      { name: 'from', kind: 'day' },
      { name: 'until', kind: 'day', hint: t('panel-until-hint') },
      {
        name: 'bot',
        kind: 'choice',
        value: all.length > 0 ? '' : admin.bot.name,
        options: [...all, ...bots.map((name): [string, string] => [name, name])],
      },
      { name: 'name', kind: 'line', hint: t('panel-promo-name') },
    ]
    return { title: t('panel-promo-new'), fields, links: [[t('panel-to-promo'), 'promo']] }
  },
  async look(admin, given) {
    const wanted = await wantedOf(admin, given)
    const campaign = await rehearseCampaign(admin, wanted)
    const { count = 1, uses } = wanted
    const { kind, value, asset, name } = campaign
    return admin
      .t('admin-promo-sure', {
        name: escapeHtml(name),
        kind: admin.t(`promo-kind-${kind}`),
        value: kind === 'amount' ? admin.money(value, asset!) : String(value),
        limits: limitWords(admin, campaign),
        codes: count,
        uses: count * uses,
      })
      .split('\n')
      .filter(Boolean)
  },
  async save(admin, given, form) {
    const wanted = await wantedOf(admin, given)
    const made = await makeCampaign(admin, wanted, form)
    return {
      said: admin.t(made.waits ?? 'panel-promo-made', { codes: made.codes.length }),
      opens: 'promo',
      ...(wanted.count !== undefined && {
        file: { name: 'promo-codes.txt', text: `${made.codes.join('\n')}\n` },
      }),
    }
  },
})

export const promoForms = make
