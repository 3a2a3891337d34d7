import { createKey } from '#shop/balance-api/keys.ts'
import { apiRoutes } from '#shop/balance-api/door.ts'
import type { ApiContext, ApiRoute } from '#shop/balance-api/route.ts'
import { recordActivity } from '#shop/balance-api/activities-store.ts'
import { exportQuery } from '#shop/exports/queries.ts'
import type { ExportKind } from '#shop/exports/tables.ts'
import { addCountsUp } from '#shared/kept-counts.ts'
import { settleProgress } from '#shop/loyalty/levels/progress.ts'
import { checkPictures } from '#shop/pictures/jobs.ts'
import { createParts, handlersOf } from '#shop/pictures/worker/handlers.ts'
import { start } from '#shop/handlers.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { postTogether } from '#shared/money/post-together.ts'
import type { Handler } from '#shared/queue/executor.ts'
import { relay, oweLost } from '#shared/queue/outbox.ts'
import { readGauges } from '#workers/upkeep/gauges.ts'
import { readVitals } from '#workers/upkeep/vitals.ts'
import { deleteOldRows } from '#workers/upkeep/clean-up.ts'
import { proveAndTell } from '#shared/money/prove-ledger.ts'
import { proveLedger, cleanUp } from '#shared/queue/jobs/upkeep.ts'
import { handle } from '#shared/queue/executor.ts'
import { UserError } from '#shared/errors.ts'
import { Problem } from '#shop/balance-api/problem.ts'
import { countHours } from '#shop/admin/hours.ts'
import { countDays } from '#shop/admin/totals.ts'
import { markPlaces } from '#shop/loyalty/levels/places.ts'
import { HEAVY, heavyId } from './load.ts'
import { timeOf } from './screens.ts'
import type { Figure, GrownShop } from './shop.ts'

type Figures = Map<string, Figure>

let key = 0

/** Twelve days in each round, of 366 at most. */
const ROUNDS_OF_DAYS = 31
/** Six hours in each, of nine days. */
const ROUNDS_OF_HOURS = 36

/**
 * Does what the sweeps of a year would have done: totals of days, marked places, kept counts. Without them, screens count
 * all rows. A folder that was kept has them.
 */
export async function catchUp({ app: { db } }: GrownShop): Promise<void> {
  for (let round = 0; round < ROUNDS_OF_HOURS; round++) await countHours(db)
  await db.rows({ text: 'analyze hourly_totals, counted_hours', values: [] })
  const marks = await db.rows({ text: 'select from place_marks limit 1', values: [] })
  if (marks.length > 0) return
  for (let round = 0; round < ROUNDS_OF_DAYS; round++) await countDays(db, Infinity)
  while (!(await markPlaces(db)));
  await addCountsUp(db)
  await db.rows({ text: 'analyze daily_totals, counted_days, place_marks', values: [] })
}

/** Everything that a clock starts, each as in a shop where nothing stands still. */
export async function sweeps({ app, people }: GrownShop, only?: RegExp): Promise<Figures> {
  const handlers: Handler[] = [
    ...((await start.upkeep(app)) as { handlers: Handler[] }).handlers,
    handle(proveLedger, () => proveAndTell(app)),
    handle(cleanUp, () => deleteOldRows(app)),
    ...handlersOf(createParts(app)).filter(({ type }) => type.name === checkPictures.name),
  ]
  const run = {
    jobId: 'bench',
    queuedAt: Date.now(),
    signal: new AbortController().signal,
    sealed: true,
    atRest: false,
    lastTry: true,
    log: app.log,
  }
  const works: [string, () => Promise<unknown>][] = [
    ...handlers
      .filter(({ type }) => type.everyMs !== undefined)
      .map((handler): [string, () => Promise<unknown>] => [
        handler.type.name,
        async () => {
          // The sweep follows every posting, so it gets as many as came in since the last round.
          if (handler.type.name === 'upkeep.follow-ledger') await credit(app.db, anybody(people))
          await handler.run({ at: '0' } as never, run)
        },
      ]),
    ['relay with nothing owed', () => relay(app.db, app.producer, app.log, ['main'])],
    ['look for lost jobs', () => oweLost(app.db, 900_000)],
    ['gauges', () => readGauges(app)],
    ['vitals', () => readVitals(app)],
  ]
  return await each(works, only)
}

/** Every call of the Balance API, about an ordinary person and about the person with many operations. */
export async function apiCalls(shop: GrownShop, only?: RegExp): Promise<Figures> {
  const { app, people } = shop
  const api: ApiContext = {
    config: app.config,
    db: app.db,
    post: postTogether(app.db),
    settings: app.settings,
    secrets: app.secrets,
    goods: app.goods,
    guesses: (_, run) => run(),
  }
  const { id } = await createKey(app.db, {
    bot: 'main',
    name: '',
    scopes: ['read', 'write', 'sessions'],
    perMinute: 1_000_000,
  })
  const bodies: Record<string, () => unknown> = {
    putUser: () => ({ firstName: 'Somebody' }),
    postEntry: () => ({ asset: 'TOK', amount: '1', description: 'bench' }),
    putSession: () => ({ sessionData: { a: 1 } }),
    postActivity: () => ({ kind: 'lesson', xp: 0 }),
    checkCode: () => ({ code: '0000-0000-0000-0000' }),
    redeemCode: () => ({ code: '0000-0000-0000-0000' }),
    redeemPromocode: () => ({ telegramId: String(anybody(people)) }),
  }
  const call = (route: ApiRoute, person: () => number) => async () => {
    const parsed = <T>(schema: { parse(value: unknown): T } | undefined, value: unknown) =>
      schema?.parse(value)
    await route
      .run({
        api,
        key: { id, bot: 'main', mostPerEntry: null, mostPerDay: null, createdBy: null },
        params: parsed(route.params, { telegramId: String(person()), code: 'NOSUCHCODE' }),
        query: parsed(route.query, {}),
        body: parsed(route.body, bodies[route.name]?.()),
        idempotencyKey: route.idempotency && `bench-${++key}-${Math.random()}`,
        ifMatch: undefined,
      })
      // A code that nobody has and a session of the shop's own are refused, and a refusal is an answer, too.
      .catch((error: unknown) => {
        if (!(error instanceof Problem) && !(error instanceof UserError)) throw error
      })
  }
  return await each(
    [
      ...apiRoutes.map((route): [string, () => Promise<unknown>] => [
        `API ${route.name}`,
        call(route, () => anybody(people)),
      ]),
      ...apiRoutes
        .filter(({ params }) => params.safeParse({ telegramId: '1' }).success)
        .map((route): [string, () => Promise<unknown>] => [
          `API ${route.name}, 100,000 operations`,
          call(route, () => heavyId(people, 100_000)),
        ]),
    ],
    only,
  )
}

/** The cost of one more posting of a person who has many: N postings cost N times that. */
export async function onePerson({ app, people }: GrownShop, only?: RegExp): Promise<Figures> {
  const { db, settings, goods } = app
  return await each(
    HEAVY.flatMap((operations): [string, () => Promise<unknown>][] => {
      const id = BigInt(heavyId(people, operations))
      const words = `, ${operations.toLocaleString('en')} operations`
      return [
        [
          `progress after a posting${words}`,
          async () => {
            const setting = await settings.snapshot()
            return db.tx((tx) => settleProgress(tx, { goods, setting, base: 100 }, new Map([[id, 'main']])))
          },
        ],
        [
          `activity recorded${words}`,
          async () => {
            const setting = await settings.snapshot()
            return db.tx((tx) =>
              recordActivity(tx, setting, goods, {
                personId: id,
                bot: 'main',
                kind: 'lesson',
                xp: 0,
                key: `bench-${++key}-${Math.random()}`,
              }),
            )
          },
        ],
        [`credit${words}`, () => credit(db, Number(id))],
      ]
    }),
    only,
  )
}

const EXPORTS: ExportKind[] = ['people', 'transactions', 'payments', 'orders']

/**
 * The cost of a row of an export, in microseconds: if it stays the same, an export grows with its rows and no
 * faster.
 */
export async function exportRows({ app, people }: GrownShop, only?: RegExp): Promise<Figures> {
  const figures: Figures = new Map()
  for (const kind of EXPORTS.filter((one) => !only || only.test(`export of ${one}`))) {
    const rows = Math.min(people, 100_000)
    const begun = performance.now()
    await app.db.rows({
      text: `select count(*) from (${exportQuery(kind, {})} limit ${rows}) rows where length(rows::text) > 0`,
      values: [],
    })
    figures.set(`export of ${kind}, a thousand rows`, {
      ms: ((performance.now() - begun) / rows) * 1_000,
      statementMs: 0,
      statement: '',
    })
  }
  return figures
}

function credit(db: GrownShop['app']['db'], id: number): Promise<unknown> {
  const reference = `bench-${++key}-${Math.random()}`
  const money = { asset: 'TOK', amount: 1n } as const
  return post(
    db,
    transfer({ system: 'api:bench' }, { person: BigInt(id) }, money, {
      reference,
      kind: 'entry',
      bot: 'main',
    }),
  )
}

const anybody = (people: number): number => 1 + Math.floor(Math.random() * people)

async function each(works: [string, () => Promise<unknown>][], only?: RegExp): Promise<Figures> {
  const figures: Figures = new Map()
  for (const [name, work] of works) if (!only || only.test(name)) figures.set(name, await timeOf(work))
  return figures
}
