import { createItemPictures } from '#shop/web/item-picture.ts'
import { UserError } from '#shared/errors.ts'
import { botTexts, readerIn } from '#shared/reader.ts'
import type { Served } from '#shared/owners.ts'
import type { PanelAdmin } from '#shop/web/panel/admin.ts'
import type { StatsAnswer } from '#shop/web/panel/stats.ts'
import type { ListAnswer } from '#shop/web/panel/list.ts'
import { panelRoutes } from '#shop/web/panel/routes.ts'
import { attention } from '#shop/attention.ts'
import { settingGroups } from '#shop/settings.ts'
import { OWNER } from './load.ts'
import { longestStatement, readingsOf } from './shop.ts'
import type { Figure, GrownShop } from './shop.ts'

const ROUNDS = 20
/** As many calls as PostgreSQL plans with the values. */
const WARM = 6
/** Values of filters that are typed, not chosen: one each that fits many rows, few rows and none. */
const TYPED: Record<string, string[]> = {
  provider: ['stars', 'heleket', 'nobody'],
  source: ['spring', 'autumn', 'nobody'],
  actor: [String(OWNER), '7'],
  target: ['100', 'nothing'],
}

/**
 * The first page of the panel, and every list: as it opens, with each filter, with each pair of filters, as a
 * further page, and for an admin who may see few rows. The figure is the 95th percentile.
 */
export async function panel(shop: GrownShop, only?: RegExp): Promise<Map<string, Figure>> {
  const figures = new Map<string, Figure>()
  for (const [who, served] of [
    ['', undefined],
    ['of main ', ['main']],
    ['of second ', ['second']],
    ['of both ', ['main', 'second']],
  ] as const) {
    const admin = await adminOf(shop, served)
    for (const route of panelRoutes.filter(({ path }) => path === '/home' || path.startsWith('/lists/'))) {
      const ask = (given: Record<string, string>) => route.run(admin, given) as Promise<ListAnswer>
      const time = async (given: Record<string, string>) => {
        const name = `${who}${route.path.slice(1)} ${String(new URLSearchParams(given))}`.trim()
        if (!only || only.test(name)) figures.set(name, await percentile(() => ask(given)))
      }
      await time({})
      if (route.path === '/home') continue
      const { filters, next } = await ask({})
      if (next !== null) await time({ after: next })
      const choices = filters.flatMap(({ name, options }) => {
        const values = options?.map(([value]) => value) ?? TYPED[name] ?? [String(shop.people >> 1)]
        return values.map((value): [string, string] => [name, value])
      })
      for (const [index, one] of choices.entries()) {
        await time(Object.fromEntries([one]))
        if (who !== '') continue
        for (const other of choices.slice(index + 1))
          if (other[0] !== one[0]) await time(Object.fromEntries([one, other]))
      }
    }
  }
  return figures
}

/** Every question of the panel's statistics, about a year: of one bot, and of all that are served. */
export async function statistics(shop: GrownShop, only?: RegExp): Promise<Map<string, Figure>> {
  const figures = new Map<string, Figure>()
  const admin = await adminOf(shop, undefined)
  const route = panelRoutes.find(({ path }) => path === '/stats')!
  const ask = (given: object) => route.run(admin, route.input!.parse(given) as object) as Promise<StatsAnswer>
  const { questions } = await ask({})
  for (const [question] of questions)
    for (const bot of ['main', 'all']) {
      const name = `${question} of a year, ${bot}`
      if (!only || only.test(name))
        figures.set(name, await percentile(() => ask({ question, days: '365', bot })))
    }
  return figures
}

async function adminOf({ app }: GrownShop, served: Served): Promise<PanelAdmin> {
  return {
    ...readerIn(await botTexts(app, 'main'), 'en'),
    app: { ...app, itemPictures: createItemPictures(app) },
    bot: app.bots.get('main')!,
    personId: BigInt(OWNER),
    name: 'bench',
    role: 'owner',
    sessionId: 1n,
    isConfirmed: true,
    settingGroups,
    attention,
    served: async () => served,
    kick: () => {},
    mustStay: async () => {},
  }
}

async function percentile(asked: () => Promise<unknown>): Promise<Figure> {
  const work = () =>
    asked().catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error
    })
  const read = await readingsOf(work, WARM + 1)
  if (read) return read
  const rounds: { ms: number; longest: ReturnType<typeof longestStatement> }[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    longestStatement()
    const begun = performance.now()
    await work()
    // The first call is left out, because it plans the statements.
    if (round > 0) rounds.push({ ms: performance.now() - begun, longest: longestStatement() })
  }
  const sorted = rounds.toSorted((a, b) => a.ms - b.ms)
  const { ms, longest } = sorted[Math.ceil(0.95 * ROUNDS) - 1]!
  return {
    ms,
    leastMs: sorted[0]!.ms,
    statementMs: longest.ms,
    statement: longest.text,
    query: longest.query,
  }
}
