import { sql as q } from 'kysely'
import { UserError } from '#shared/errors.ts'
import { deliverService, refuseService, takeService } from '#shop/shelf/services.ts'
import type { Bubble } from '../lib/phone.ts'
import { DeadEnd, insistent } from './insistent.ts'
import type { Insistent } from './insistent.ts'
import { patiently } from './patiently.ts'
import type { OrderPlan, ShelfKind } from './plan.ts'
import { itemName } from './shelf.ts'
import { Refused } from './world.ts'
import type { World } from './world.ts'

/** The two friends who race for a person's gift. */
export const friendsOf = (person: number): [number, number] => [person + 1_000_000, person + 2_000_000]
const ADMIN = { admin: 1n, bot: 'main' }

type Act = (world: World, plan: OrderPlan, me: Insistent) => Promise<string>

/** Buys with money of the balance, and looks until the goods are there. */
const buyAndSee =
  (kind: ShelfKind, has: (all: Bubble[]) => boolean): Act =>
  async (world, plan, me) => {
    await order(world, plan, me, kind)
    await see(me, kind, has)
    return 'has it'
  }

export const shelfActs: Record<ShelfKind, Act> = {
  'item-stock': buyAndSee('item-stock', (all) => said(all, /is yours\. Tap .*item-stock-/s)),
  'item-text': buyAndSee('item-text', (all) => said(all, /is yours\. Tap .*the words that everybody gets/s)),
  'item-file': buyAndSee('item-file', (all) => all.some(({ document, deleted }) => document && !deleted)),
  async 'item-code'(world, _plan, me) {
    await me.say(`/start item_${world.shelf.ids['item-code']}`, /^Buy · /)
    const invoice = await me.tap(/^Buy · /, /^Pay \d+ ⭐/)
    return me.pay(invoice.key.url!)
  },
  async 'item-service'(world, plan, me) {
    const id = await placedId(world, plan)
    if (id === undefined) {
      await me.say(`/start item_${world.shelf.ids['item-service']}`, /^Buy · ₽/)
      await me.tapUntil(
        /^Buy · ₽/,
        'a question',
        async () => said(await me.history(), /Question 1/) || undefined,
      )
      await me.say(`nick of ${plan.person}`, /^All correct/)
      await me.tapUntil(/^All correct/, 'an order', () => isPlaced(world, plan))
    }
    return serve(world, (await placedId(world, plan))!, plan.person)
  },
  async 'item-access'(world, plan, me) {
    await order(world, plan, me, 'item-access')
    await see(me, 'item-access', (all) => all.some(hasKey(/Join$/)))
    const enter = await me.find(/Join$/)
    if (!enter) throw new DeadEnd(`${plan.person} saw the key of the club vanish`)
    await me.until(
      'the club',
      () =>
        world
          .control(`/chats/${world.shelf.club}/join`, 'POST', {
            person: String(plan.person),
            link: enter.key.url,
          })
          .catch((error: unknown) => {
            // The person is in the channel already, or waits for the bot to let them in.
            if (!(error instanceof Refused)) throw error
          }),
      async () => (await world.shelf.isIn(plan.person)) || undefined,
    )
    return 'is in'
  },
  async 'item-gift'(world, plan, me) {
    await order(world, plan, me, 'item-gift', /As a gift · ₽/)
    await see(me, 'item-gift', (all) => said(all, GIFT_LINK))
    const token = GIFT_LINK.exec(wordsOf(await me.history()).find((text) => GIFT_LINK.test(text))!)![1]!
    const friends = friendsOf(plan.person)
    for (const id of friends) await world.phone(id).create({ first_name: 'Friend' })
    const ends = await Promise.all(
      friends.map(async (id) => {
        const friend = insistent(world, id, false)
        await friend.sayUntil(`/start gift_${token}`, 'a gift or a no', async () => {
          const all = await friend.history()
          return said(all, /is yours\. Tap/) || said(all, /has opened this gift already/) || undefined
        })
        return said(await friend.history(), /is yours\. Tap .*item-gift-/s)
      }),
    )
    const got = ends.filter(Boolean).length
    if (got !== 1) throw new Error(`${got} friends of ${plan.person} have the same gift`)
    return 'given'
  },
}

const GIFT_LINK = /start=gift_([\w-]{22})/

/**
 * The words of all messages, also of those that were edited since: a person who begins again finds the link
 * of a gift which a friend has opened meanwhile.
 */
const wordsOf = (all: readonly Bubble[]) =>
  all
    .filter(({ from }) => from === 'bot')
    .flatMap((one) => [one, ...one.edits])
    .map(({ text, caption }) => text ?? caption ?? '')
const said = (all: readonly Bubble[], what: RegExp) => wordsOf(all).some((text) => what.test(text))

/** Whether the key is there now: a later press may have drawn another screen over it. */
const hasKey =
  (name: RegExp) =>
  ({ deleted, inline_keyboard: rows }: Bubble) =>
    !deleted && rows?.flat().some(({ text }) => name.test(text)) === true

const placedId = ({ db }: World, { person }: OrderPlan) =>
  patiently(async () => {
    const rows = await db.rows(q<{ id: string }>`
      select id from orders where person_id = ${person} and good = 'item' and state <> 'draft'
      order by created_at limit 1`)
    return rows[0]?.id
  })

async function isPlaced(world: World, plan: OrderPlan): Promise<true | undefined> {
  return (await placedId(world, plan)) === undefined ? undefined : true
}

async function order(world: World, plan: OrderPlan, me: Insistent, kind: ShelfKind, key = /^Buy · ₽/) {
  if ((await placedId(world, plan)) !== undefined) return
  await me.say(`/start item_${world.shelf.ids[kind]}`, key)
  await me.tapOneUntil(key, 'an order', () => isPlaced(world, plan))
}

/** The goods stand in the chat, or the person opens the purchase once more, which is possible at any time. */
async function see(me: Insistent, kind: ShelfKind, has: (all: Bubble[]) => boolean): Promise<void> {
  if (await me.comes(async () => has(await me.history()) || undefined)) return
  const name = new RegExp(`^(\\S+ )?${itemName(kind)} · [^₽]+$`)
  await me.say('/goods', /My purchases$/)
  await me.tap(/My purchases$/, name)
  await me.tapUntil(name, 'what was bought', async () => has(await me.history()) || undefined)
}

/**
 * An admin takes the order and does it, or refuses it (every fourth). Either may be repeated after the
 * database was away.
 */
async function serve(world: World, id: string, person: number): Promise<string> {
  const app = { db: world.db, secrets: world.shelf.secrets }
  const once = (work: () => Promise<void>) =>
    patiently(work).catch((error: unknown) => {
      if (!(error instanceof UserError) || error.code !== 'order.moved') throw error
    })
  await once(() => takeService(app, id, ADMIN))
  if (person % 4 === 0) {
    await once(() => refuseService(app, id, { ...ADMIN, reason: 'too late' }))
    return 'refused'
  }
  await once(() => deliverService(app, id, { ...ADMIN, words: `done for ${person}` }))
  return 'served'
}
