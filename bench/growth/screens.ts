import type { Update } from 'grammy/types'
import { createLimit } from '#shared/limits.ts'
import { createAwaited } from '#shared/telegram/sealed.ts'
import { arrivals, endings } from '#workers/bot/arrive.ts'
import { createLastKnown } from '#workers/bot/last-known.ts'
import { NewsChannel } from '#shared/telegram/news-channel.ts'
import { createOnCall } from '#workers/bot/on-call.ts'
import { createOutage } from '#workers/bot/outage.ts'
import { routesOf } from '#workers/bot/feature.ts'
import { handleUpdate } from '#workers/bot/handle-update.ts'
import type { BotParts } from '#workers/bot/handle-update.ts'
import { acts } from '#shop/acts.ts'
import { features } from '#shop/screens.ts'
import { settingGroups } from '#shop/settings.ts'
import { heavyId, OLD_ORDER, OWNER } from './load.ts'
import { BOT, longestStatement, readingsOf } from './shop.ts'
import type { Figure, GrownShop } from './shop.ts'

const ROUNDS = 9
/** The first calls are left out: from the sixth time on PostgreSQL may plan a statement without its values. */
const WARM = 6
/** Keys that would end the walk: they close the bot, shut somebody out or send to a million people. */
const LEFT_OUT =
  /pause|remove|revoke|ban$|delete|reset|-start|b-cancel|b-resend|b-confirm|b-go|a-prove|replay|settle/

/**
 * Every screen that pressing keys leads to, each with the first arguments that the walk meets: for an ordinary
 * person, for a person with 10 thousand operations, and for the owner.
 */
export async function screens(shop: GrownShop, only?: RegExp): Promise<Map<string, Figure>> {
  const figures = new Map<string, Figure>()
  const bot = conversationOf(shop)
  const { people } = shop
  const walks: [string, number, string[]][] = [
    ['', people >> 1, [...bot.routes.commands.keys()].map((name) => `/${name}`)],
    [
      '10,000 operations ',
      heavyId(people, 10_000),
      ['/menu', '/balance', '/history', '/profile', '/level', '/orders'],
    ],
    [
      '100,000 operations ',
      heavyId(people, 100_000),
      ['/menu', '/balance', '/history', '/profile', '/level', '/orders'],
    ],
    [
      'admin ',
      OWNER,
      [
        ...[...bot.routes.adminCommands.keys()].map((name) => `/${name}`),
        `/find ${people >> 1}`,
        `/find ${heavyId(people, 100_000)}`,
        '/find somebody_77',
        '/find Somebody 7',
        `/find ${OLD_ORDER}`,
        '/find load-777',
        '/find charge-777',
      ],
    ],
  ]
  for (const [who, id, commands] of walks) await walk(who, id, commands)
  return figures

  async function walk(who: string, id: number, commands: string[]): Promise<void> {
    const seen = new Set<string>()
    const waiting: { name: string; update: () => Update }[] = commands.map((text) => ({
      name: `${who}${text.replace(/(?<=\/find )\d+/, (digits) => (Number(digits) > people ? 'heavy' : 'id'))}`,
      update: () => bot.text(id, text),
    }))
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      shop.sent.length = 0
      const wanted = !only || only.test(next.name)
      const figure = await timeOf(async () => bot.take(next!.update()), wanted ? ROUNDS : 1)
      if (wanted && shop.sent.length > 0) figures.set(next.name, figure)
      for (const { callback_data } of shop.sent.flatMap(({ keys }) => keys)) {
        const plain = callback_data?.slice(0, callback_data.lastIndexOf('~')) ?? ''
        const [route = '', ...args] = plain.split(':')
        // Statistics and rules of an audience run other statements with other arguments, so their arguments count.
        const kind = /^(s-show|b-rule|x-kind)$/.test(route)
          ? [route, ...args.filter((arg) => !/^[0-9a-z]{10,}$|new/.test(arg))].join(' ')
          : route
        if (!callback_data || LEFT_OUT.test(route) || seen.has(kind)) continue
        seen.add(kind)
        waiting.push({ name: `${who}[${kind}]`, update: () => bot.press(id, callback_data) })
      }
    }
  }
}

export async function timeOf(work: () => Promise<unknown>, rounds = ROUNDS): Promise<Figure> {
  const read = await readingsOf(work, rounds > 1 ? WARM + 1 : 1)
  if (read) return read
  const times: number[] = []
  const statements: { ms: number; text: string }[] = []
  for (let round = rounds > 1 ? -WARM : 0; round < rounds; round++) {
    longestStatement()
    const begun = performance.now()
    await work()
    if (round < 0) continue
    times.push(performance.now() - begun)
    statements.push(longestStatement())
  }
  // The fastest time counts, because neighbours on the machine can only add to it.
  const ms = Math.min(...times)
  const sorted = statements.toSorted((a, b) => a.ms - b.ms)
  const { ms: statementMs, text: statement } = sorted[0]!
  return { ms, statementMs, statement }
}

let updates = Date.now()

function conversationOf({ app }: GrownShop) {
  const lastKnown = createLastKnown(app.backend)
  const onCall = createOnCall(app)
  const routes = routesOf(features, acts)
  const parts: BotParts = {
    app,
    routes,
    settingGroups,
    arrive: arrivals(app.db),
    finish: endings(app.db),
    flood: createLimit(app.backend, { name: 'bench', points: 1_000_000, seconds: 1 }),
    floodNotice: createLimit(app.backend, { name: 'bench-told', points: 1, seconds: 10 }),
    news: new NewsChannel(),
    lastKnown,
    awaited: createAwaited(app.backend),
    onCall,
    outage: createOutage(app, lastKnown, onCall, routes.mayWait),
    me: async () => BOT as never,
  }
  const from = (id: number) => ({ id, is_bot: false, first_name: 'Somebody', language_code: 'en' })
  const chat = (id: number) => ({ id, type: 'private' as const, first_name: 'Somebody' })
  const run = {
    jobId: 'bench',
    queuedAt: Date.now(),
    signal: new AbortController().signal,
    sealed: true,
    atRest: false,
    lastTry: true,
    log: app.log,
  }
  return {
    routes,
    take: (update: Update) => handleUpdate(parts, { bot: 'main', update }, run),
    text: (id: number, text: string): Update => ({
      update_id: ++updates,
      message: { message_id: updates, date: 0, chat: chat(id), from: from(id), text },
    }),
    press: (id: number, data: string): Update => ({
      update_id: ++updates,
      callback_query: {
        id: String(updates),
        from: from(id),
        chat_instance: '1',
        data,
        message: { message_id: 1, date: 1, chat: chat(id), from: BOT, text: 'x' },
      },
    }),
  }
}
