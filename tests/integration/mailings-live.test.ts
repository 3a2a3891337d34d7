import { sql as q } from 'kysely'
import { beforeAll, expect } from 'vitest'
import type { Context } from '#shared/context.ts'
import { newId } from '#shared/ids.ts'
import { createMailing } from '#shop/mailings/mailings.ts'
import { resendUncertain } from '#shop/mailings/resend.ts'
import { createMarker } from '#shop/mailings/worker/marker.ts'
import { drawProgress } from '#shop/mailings/worker/progress.ts'
import { bot } from '#workers/bot/worker.ts'
import { eventually } from '../lib/eventually.ts'
import type { Bubble } from '../lib/phone.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

// The live message of a mailing, beside an admin who goes on to other things in it.

let shop: Shop
let app: Context
let admin: Customer
beforeAll(async () => {
  shop = await openShop({
    workers: [
      {
        ...bot,
        start: async (context) => {
          app = context
          return await bot.start(context)
        },
      },
    ],
    env: { TELEGRAM_CHAT_RATE: '0' },
  })
  admin = await shop.person({ id: ADMIN, language_code: 'en' })
  await admin.start()
})

/** A mailing to so many people that is under way; no worker sends it here. */
async function running(total: number): Promise<string> {
  const id = newId()
  await createMailing(shop.db, { id, bot: 'main', createdBy: BigInt(ADMIN) })
  await shop.db.rows(q`
    update broadcasts set state = 'running', total = ${total}, started_at = now() where id = ${id}`)
  return id
}

/** The mailing has come so far, and its live message is drawn. */
async function goesOn(id: string, sent: number): Promise<void> {
  await shop.db.rows(q`update broadcasts set sent = ${sent}, drawn_at = null where id = ${id}`)
  await drawProgress(app, id)
}

const now = async ({ message_id }: Bubble) =>
  (await admin.messages()).find((one) => one.message_id === message_id)!
const asShown = ({ text, inline_keyboard }: Bubble) => ({ text, inline_keyboard })

/** Presses the key of this message whose words, or whose data, have this, and waits for what it shows then. */
async function inside(message: Bubble, wanted: string, shows: RegExp): Promise<Bubble> {
  const keys = (await now(message)).inline_keyboard!.flat()
  const key = keys.find(({ text, callback_data: data }) => text.includes(wanted) || data?.includes(wanted))
  await admin.tap(message.message_id, key!.callback_data!)
  return await eventually(async () => [await now(message)].find(({ text }) => shows.test(text ?? '')))
}

async function list(): Promise<Bubble> {
  await admin.say('/broadcast')
  return await admin.hears('Mailings')
}

test('F123 the progress of a mailing is drawn in its page and not over the screen to which its admin has gone on', async () => {
  const id = await running(1_000)
  const page = await inside(await list(), id, /of 1,000/)
  await goesOn(id, 12)
  await eventually(async () => (await now(page)).text!.includes('12'))
  const gone = await inside(page, 'Back', /^📣 Mailings|Mailings/)
  await goesOn(id, 345)
  expect(await now(page)).toMatchObject(asShown(gone))
  // The page is live again when it is opened.
  await inside(page, id, /345/)
  await goesOn(id, 678)
  await eventually(async () => (await now(page)).text!.includes('678'))
})

test('F123 a message that shows another mailing by now has the keys of that one alone', async () => {
  const [first, second] = [await running(2_000), await running(3_000)]
  const page = await inside(await list(), first, /of 2,000/)
  await inside(page, 'Back', /Mailings/)
  await inside(page, second, /of 3,000/)
  await eventually(async () => {
    const [row] = await shop.db.rows(q<{ card: unknown }>`select card from broadcasts where id = ${second}`)
    return row!.card
  })
  await goesOn(second, 88)
  await goesOn(first, 77)
  const shown = await eventually(async () => [await now(page)].find(({ text }) => text!.includes('88')))
  const data = shown.inline_keyboard!.flat().map((key) => key.callback_data)
  expect(data.filter((one) => one?.includes(second)).length).toBeGreaterThan(0)
  expect(data.filter((one) => one?.includes(first))).toEqual([])
})

test('F44 who becomes uncertain while the others are sent again is counted, and can be sent again as well', async () => {
  const id = await running(2)
  await shop.db.rows(q`
    insert into broadcast_recipients (broadcast_id, number, person_id, bot, language, state)
    values (${id}, 1, ${ADMIN}, 'main', 'en', 'uncertain'), (${id}, 2, ${ADMIN}, 'main', 'en', 'sending')`)
  await shop.db.rows(q`update broadcasts set state = 'cancelled', uncertain = 1 where id = ${id}`)
  const marker = createMarker(shop.db, { id, generation: 1 }, id)
  let statements = 0
  const sent = await shop.db.tx((tx) => {
    const rows: typeof tx.rows = async (statement) => {
      const found = await tx.rows(statement)
      // The answer to the other message is lost just when the uncertain ones were chosen.
      if (++statements === 2) await marker.settle({ number: 2, state: 'uncertain', reason: 'no answer' })
      return found
    }
    return resendUncertain({ ...tx, rows }, id, { id: newId(), by: BigInt(ADMIN) })
  })
  expect(sent).toBe(1)
  const [after] = await shop.db.rows(
    q<{ uncertain: number }>`select uncertain from broadcasts where id = ${id}`,
  )
  expect(after!.uncertain).toBe(1)
})
