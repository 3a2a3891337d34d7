import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { goodTitle } from '#shared/good.ts'
import { numberFormat } from '#shared/i18n/intl.ts'
import { priceBuyRub } from '#shared/settings/economy.ts'
import { cohorts, COHORT_WEEKS, funnel, sources } from '#shop/admin/newcomers.ts'
import {
  averageSum,
  conversion,
  deltaOf,
  margins,
  newPeople,
  PERIODS,
  revenue,
  revenueBy,
  sales,
} from '#shop/admin/stats.ts'
import type { Series } from '#shop/admin/stats.ts'
import type { CountedBots } from '#shop/admin/counted.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { byBot, named } from './list.ts'
import { panelRoute } from './route.ts'
import type { PanelAnswer } from './route.ts'

/** A plot of so many bars is still read on a phone; the table below has all of them. */
const BARS_SHOWN = 12

const QUESTIONS = [
  ...(['revenue', 'ways', 'goods', 'margins', 'average', 'people', 'conversion', 'sales'] as const),
  ...(['funnel', 'cohorts', 'sources'] as const),
] as const

/** One plot, and the same in a table: what is drawn is in plain numbers, what is read in the reader's language. */
interface Picture {
  /** Over the whole period; null = the question has no one number. */
  total: string | null
  /** The finished days compared with as many days before them; null = there is nothing to compare with. */
  delta: { text: string; rising: boolean } | null
  plot: {
    kind: 'bars' | 'line' | 'rows'
    labels: string[]
    series: { name: string; values: (number | null)[] }[]
    /** The unit that stands behind a number under the pointer. */
    unit: string
    /** The last value is of a day that is not over. */
    unfinished: boolean
  }
  columns: string[]
  rows: string[][]
}

interface Question {
  admin: PanelAdmin
  bots: CountedBots
  days: number
  tokenKopecks: bigint
}

/** Answers the questions of the bot's statistics, and those that need more room than a picture in a chat. */
const stats = panelRoute({
  method: 'GET',
  path: '/stats',
  as: 'stats',
  minimum: 'read-only',
  input: z.object({
    question: z.enum(QUESTIONS).default('revenue'),
    days: z
      .enum(PERIODS.map(String) as [string, ...string[]])
      .default('30')
      .transform(Number),
    /** '' = the panel's own, 'all' = all that the admin serves. */
    bot: z.string().max(40).default(''),
  }),
  async run(admin, { question, days, bot }) {
    const { app, t } = admin
    const served = await admin.served()
    const names = byBot(admin, served).options.map(([name]) => name)
    if (bot !== '' && bot !== 'all' && !names.includes(bot)) throw new UserError('panel.filter')
    const bots: CountedBots = bot === 'all' ? served : bot || admin.bot.name
    const tokenKopecks = await app.settings.get(priceBuyRub, admin.bot.name)
    const asked: Question = { admin, bots, days, tokenKopecks }
    return {
      title: t(`panel-stats-${question}`),
      hint: plain(t(`panel-stats-${question}-hint`)),
      questions: QUESTIONS.map((one): [string, string] => [one, t(`panel-stats-${one}`)]),
      /** Cohorts always show the same weeks, so they have no periods to choose from. */
      periods:
        question === 'cohorts'
          ? []
          : PERIODS.map((one): [string, string] => [String(one), t('stats-days', { days: one })]),
      bots:
        names.length > 1
          ? [['all', t('stats-every-bot')], ...names.map((one): [string, string] => [one, one])]
          : [],
      ...(await pictureOf(question, asked)),
    }
  },
})

async function pictureOf(question: (typeof QUESTIONS)[number], asked: Question): Promise<Picture> {
  const { admin, bots, days, tokenKopecks } = asked
  const { reads: db } = admin.app.db
  const rub = (value: number) => admin.money(BigInt(Math.round(value * 100)), 'RUB')
  const count = (value: number, digits = 0) =>
    numberFormat(admin.language, { maximumFractionDigits: digits }).format(value)
  const percent = (value: number) => `${count(value, 1)} %`
  switch (question) {
    case 'revenue':
      return byDays(asked, await revenue(db, bots, days, tokenKopecks), 'bars', rub, '₽')
    case 'average':
      return byDays(asked, await averageSum(db, bots, days, tokenKopecks), 'line', rub, '₽')
    case 'margins': {
      const { left, sold, cost } = await margins(db, bots, days, tokenKopecks)
      const picture = byDays(asked, left, 'bars', rub, '₽')
      return {
        ...picture,
        columns: ['day', 'margin', 'sold-for', 'cost', 'of-price', 'before'].map((one) => column(admin, one)),
        rows: left.labels.map((label, at) => [
          label,
          rub(left.values[at]!),
          rub(sold[at]!),
          rub(cost[at]!),
          sold[at] ? percent((100 * left.values[at]!) / sold[at]) : '—',
          rub(left.earlier?.[at] ?? 0),
        ]),
      }
    }
    case 'people':
      return byDays(asked, await newPeople(db, bots, days), 'bars', count, '')
    case 'conversion':
      return await conversionOf(asked, percent)
    case 'ways':
    case 'goods':
      return byParts(asked, question, await revenueBy(db, bots, question, days, tokenKopecks), rub, '₽')
    case 'sales':
      return byParts(asked, question, await sales(db, bots, days), count, '')
    case 'funnel': {
      const steps = await funnel(db, bots, days)
      const names = steps.map(({ step }) => admin.t(`panel-funnel-${step}`))
      const share = (value: number, of: number) => (of === 0 ? '—' : percent((100 * value) / of))
      return {
        total: null,
        delta: null,
        plot: {
          kind: 'rows',
          labels: names,
          series: [
            { name: admin.t('panel-stats-now'), values: steps.map(({ now }) => now) },
            { name: admin.t('panel-stats-before'), values: steps.map(({ before }) => before) },
          ],
          unit: '',
          unfinished: false,
        },
        columns: ['step', 'now', 'of-came', 'of-last', 'before', 'of-came'].map((one) => column(admin, one)),
        rows: steps.map(({ now, before }, at) => [
          names[at]!,
          count(now),
          share(now, steps[0]!.now),
          at === 0 ? '—' : share(now, steps[at - 1]!.now),
          count(before),
          share(before, steps[0]!.before),
        ]),
      }
    }
    case 'cohorts': {
      const weeks = await cohorts(db, bots)
      const numbers = Array.from({ length: COHORT_WEEKS }, (_, later) => later)
      // The share of all newcomers who have had that week already.
      const all = numbers.map((later) => {
        const had = weeks.filter(({ bought }) => bought[later] !== undefined)
        const came = had.reduce((sum, one) => sum + one.came, 0)
        return came === 0 ? null : (100 * had.reduce((sum, one) => sum + one.bought[later]!, 0)) / came
      })
      return {
        total: null,
        delta: null,
        plot: {
          kind: 'line',
          labels: numbers.map((later) => admin.t('panel-stats-week', { number: later + 1 })),
          series: [{ name: admin.t('panel-stats-all-cohorts'), values: all }],
          unit: '%',
          unfinished: false,
        },
        columns: [
          column(admin, 'came-from'),
          column(admin, 'came'),
          ...numbers.map((later) => String(later + 1)),
        ],
        rows: weeks.map(({ label, came, bought }) => [
          label,
          count(came),
          ...bought.map((one) => (one === undefined ? '' : came === 0 ? '—' : percent((100 * one) / came))),
        ]),
      }
    }
    case 'sources': {
      const found = await sources(db, bots, days, tokenKopecks)
      const names = found.map(({ tag }) => tag || admin.t('panel-stats-no-tag'))
      return {
        total: null,
        delta: null,
        plot: {
          kind: 'rows',
          labels: names.slice(0, BARS_SHOWN),
          series: [
            {
              name: admin.t('stats-revenue'),
              values: found.slice(0, BARS_SHOWN).map(({ revenue: sum }) => sum),
            },
          ],
          unit: '₽',
          unfinished: false,
        },
        columns: ['source', 'came', 'revenue'].map((one) => column(admin, one)),
        rows: found.map(({ came, revenue: sum }, at) => [names[at]!, count(came), rub(sum)]),
      }
    }
  }
}

/** Per cent are compared by points: from 2 % to 3 % is one point, and not a half more. */
async function conversionOf(asked: Question, write: Write): Promise<Picture> {
  const { admin, bots, days } = asked
  const series = await conversion(admin.app.db.reads, bots, days)
  const { now = 0, before = 0 } = series.compared ?? {}
  const points = numberFormat(admin.language, { maximumFractionDigits: 1 }).format(Math.abs(now - before))
  return {
    ...byDays(asked, series, 'line', write, '%'),
    delta: before > 0 ? { text: `${points} ${admin.t('stats-points')}`, rising: now >= before } : null,
  }
}

const column = ({ t }: PanelAdmin, name: string): string => t(`panel-column-${name}`)

type Write = (value: number) => string

function byDays(
  { admin }: Question,
  series: Series,
  kind: 'bars' | 'line',
  write: Write,
  unit: string,
): Picture {
  const { labels, values, earlier, unfinished = false } = series
  return {
    total: write(series.total),
    delta: deltaOf(series) ?? null,
    plot: {
      kind,
      labels,
      series: [
        { name: admin.t('panel-stats-now'), values },
        ...(earlier ? [{ name: admin.t('panel-stats-before'), values: earlier }] : []),
      ],
      unit,
      unfinished,
    },
    columns: ['day', 'now', ...(earlier ? ['before'] : [])].map((one) => column(admin, one)),
    rows: labels.map((label, at) => [
      label,
      write(values[at]!),
      ...(earlier ? [write(earlier[at] ?? 0)] : []),
    ]),
  }
}

function byParts(
  { admin }: Question,
  question: 'ways' | 'goods' | 'sales',
  series: Series,
  write: Write,
  unit: string,
): Picture {
  const { app, texts, language } = admin
  const names = series.labels.map((part) =>
    question === 'ways'
      ? named(admin, `provider-name-${part}`, part)
      : goodTitle(app.goods, texts, language, part),
  )
  const sum = series.values.reduce((all, one) => all + one, 0)
  return {
    total: write(series.total),
    delta: deltaOf(series) ?? null,
    plot: {
      kind: 'rows',
      labels: names,
      series: [{ name: admin.t('panel-stats-now'), values: series.values }],
      unit,
      unfinished: false,
    },
    columns: [question === 'ways' ? 'provider' : 'good', 'now', 'share'].map((one) => column(admin, one)),
    rows: series.values.map((value, at) => [
      names[at]!,
      write(value),
      `${Math.round((100 * value) / (sum || 1))} %`,
    ]),
  }
}

export const statsRoutes = [stats]

export type StatsAnswer = PanelAnswer<typeof stats>
