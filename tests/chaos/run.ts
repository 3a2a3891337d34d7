import { EventEmitter, once } from 'node:events'
import { buy } from './buyer.ts'
import { readOutside, readShop } from './books.ts'
import { agePlans } from './kept-cards.ts'
import { readChats } from './messages.ts'
import { faultsOf, planOrder } from './plan.ts'
import { differences, starBooks } from './proof.ts'
import { shownGoods } from './shelf-proof.ts'
import { ratesOf } from './rates.ts'
import type { Rate, Struck } from './rates.ts'
import { settle } from './settle.ts'
import { planTroubles } from './troubles.ts'
import type { TroublePlan } from './troubles.ts'
import { openVillains } from './villains.ts'
import type { Villains } from './villains.ts'
import { openWorld } from './world.ts'
import type { World, WorldOptions } from './world.ts'

export interface ChaosOptions extends WorldOptions {
  seed: number
  orders: number
  /** How many people buy at the same time. */
  lanes?: number
  /** How often something dies, is wiped or is cut off. */
  troubles?: number
  /** How often somebody tries to get what is not theirs. */
  villains?: number
  settleMs?: number
  say?: (line: string) => void
}

export interface ChaosReport {
  seed: number
  orders: number
  lanes: number
  hosts: number
  redis: number
  pooler: boolean
  seconds: number
  buyingSeconds: number
  settlingSeconds: number
  /** What became of the people, by their own view. */
  outcomes: Record<string, number>
  /** Orders of the shop by good and state. */
  states: Record<string, number>
  figures: Record<string, number>
  troubles: Record<string, number>
  /** How fast people were served before, during and after each kind of trouble. */
  rates: Rate[]
  faults: Record<string, number>
  /** What dishonest people tried, and how often. */
  villains: Record<string, number>
  /** Every difference in a sentence. */
  wrong: string[]
}

/**
 * Lets people buy `orders` times while everything breaks as planned, waits until all is quiet, and compares
 * both sides.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, orders, lanes = 24, say = () => {}, settleMs = 300_000 } = options
  const plans = Array.from({ length: orders }, (_, number) => planOrder(seed, number))
  const started = performance.now()
  const seconds = (since = started) => Math.round((performance.now() - since) / 1_000)
  // Premium comes from the reseller in one run and from the bot's own Stars in the next, because a bot has one way.
  const world = await openWorld({ ...options, premiumByStars: seed % 2 === 1 })
  const villains = await openVillains(world)
  try {
    const count = options.troubles ?? Math.max(10, Math.round(orders / 40))
    const crimes = options.villains ?? Math.max(villains.kinds, Math.round(orders / 10))
    const troubles = planTroubles(seed, orders, count, world.names, world.beside)
    say(`everything runs after ${seconds()} s; logs: ${world.logs}`)
    say(
      `plan: ${troubles.map(({ after, what, target }) => `${after} ${what} ${target ?? ''}`.trim()).join(', ')}`,
    )
    const buying = performance.now()
    const {
      outcomes,
      wrong: left,
      rates,
    } = await shopping(world, plans, troubles, { lanes, say, villains, crimes })
    const buyingSeconds = seconds(buying)
    say(`bought in ${buyingSeconds} s: ${JSON.stringify(outcomes)}; waiting until everything is settled`)
    const settling = performance.now()
    await world.control('/faults', 'PUT', [])
    const settled = await settle(world, plans, settleMs, say)
    const messages = await readChats(world)
    const goods = await shownGoods(world)
    const settlingSeconds = seconds(settling)
    // The comparison is made once more after everything was read, when nothing moves any more.
    const wrong = [
      ...left,
      ...(await differences(world, plans)),
      ...(await starBooks(world)),
      ...messages.wrong,
      ...goods.wrong,
      ...(await villains.gains()),
    ]
    return {
      seed,
      orders,
      lanes,
      hosts: options.hosts ?? 0,
      redis: options.redis ?? 1,
      pooler: options.pooler ?? false,
      seconds: seconds(),
      buyingSeconds,
      settlingSeconds,
      outcomes,
      ...(await figuresOf(world, settled.byAdmin, messages, goods.shown)),
      troubles: tally(troubles.map(wordsOf)),
      rates,
      faults: tally(plans.flatMap(faultsOf)),
      villains: Object.fromEntries(villains.tried),
      wrong,
    }
  } finally {
    await villains.close()
    await world.close()
  }
}

/**
 * People buy in lanes, and a trouble strikes when so many orders are done. A lane waits for a trouble that is
 * due, so that nobody runs far ahead of it.
 */
async function shopping(
  world: World,
  plans: ReturnType<typeof planOrder>[],
  troubles: TroublePlan[],
  how: { lanes: number; say: (line: string) => void; villains: Villains; crimes: number },
) {
  const { lanes, say, villains, crimes } = how
  const said: string[] = []
  /** When each order ended. */
  const ended: number[] = []
  const struckAt: Promise<Struck>[] = []
  const began = performance.now()
  const wrong: string[] = []
  let next = 0
  let struck = 0
  const turn = new EventEmitter().setMaxListeners(0)
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await once(turn, 'turn')
  }
  const lane = async () => {
    for (let plan = plans[next++]; plan; plan = plans[next++]) {
      const { number, kind } = plan
      await until(() => (troubles[struck]?.after ?? Infinity) + 2 * lanes > number)
      try {
        said.push(`${kind} ${await buy(world, plan)}`)
      } catch (error) {
        said.push(`${kind} left`)
        wrong.push(`order ${number}, ${kind}: ${error instanceof Error ? error.message : String(error)}`)
      }
      ended.push(performance.now())
      turn.emit('turn')
    }
  }
  const buying = Promise.all(Array.from({ length: Math.min(lanes, plans.length) }, lane))
  const breaking = (async () => {
    for (const trouble of troubles) {
      await until(() => said.length >= trouble.after)
      say(`${said.length} of ${plans.length}: ${trouble.what} ${trouble.target ?? ''}`)
      const { over, felt } = await world.trouble(trouble)
      const from = performance.now()
      struckAt.push(over.then(() => ({ what: kindOf(trouble), from, to: performance.now(), felt: felt() })))
      struck += 1
      turn.emit('turn')
    }
  })()
  const stealing = (async () => {
    for (let crime = 0; crime < crimes; crime++) {
      await until(() => said.length >= Math.floor(((crime + 0.5) * plans.length) / crimes))
      await villains.strike(crime)
    }
    await until(() => said.length >= plans.length)
    await villains.catchUp()
  })()
  const aging = (async () => {
    for (let bought = 0; bought < plans.length; bought += 4) {
      await until(() => said.length >= bought)
      await agePlans(world)
    }
  })()
  await Promise.race([Promise.all([buying, breaking, stealing, aging]), world.broken])
  const bounds: [number, number] = [began, ended.at(-1) ?? began]
  const rates = ratesOf(await Promise.all(struckAt), ended, bounds)
  return { outcomes: tally(said), wrong, rates }
}

async function figuresOf(
  world: World,
  byAdmin: number,
  messages: Awaited<ReturnType<typeof readChats>>,
  shown: number,
) {
  const [outside, shop] = await Promise.all([readOutside(world), readShop(world)])
  return {
    states: tally([
      ...shop.orders.flatMap(({ good, state }) => (good === 'item' ? [] : `${good} ${state}`)),
      ...shop.items.map(({ kind, gift, state }) => `item ${gift ? 'gift' : kind} ${state}`),
    ]),
    figures: {
      'Telegram charges': outside.charges.length,
      'vendor invoices paid': outside.invoices.filter(({ paid }) => paid !== undefined).length,
      'deliveries of Stars, Premium and gifts': outside.sold.deliveries.length,
      'pictures drawn': outside.drawn.filter(({ stage }) => stage === 'success').length,
      'own goods delivered': shop.items.filter(({ state }) => state === 'delivered').length,
      'own goods shown': shown,
      'renewals paid by a kept card': shop.plans.reduce((sum, { charges }) => sum + charges.length, 0),
      'messages promised': messages.promised,
      'messages seen twice': messages.twice,
      'messages more than a minute late': messages.late,
      'the latest after, s': messages.latest,
      'orders decided by an admin': byAdmin,
    },
  }
}

/** Troubles of one kind are counted together; what a full disk stops depends on whose it is. */
const kindOf = ({ what, target = '' }: TroublePlan): string =>
  what === 'disk full' ? `${what}, ${target.replace(/-\d$/, '')}` : what

const wordsOf = ({ what, target }: TroublePlan): string =>
  target ? `${what} ${target.replace(/-\d$/, '')}` : what

function tally(words: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted(([a], [b]) => a.localeCompare(b)))
}
