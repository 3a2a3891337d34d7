import { randomBytes } from 'node:crypto'
import { GrammyError } from 'grammy'
import { sql as q } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '#shared/context.ts'
import type { Db } from '#shared/db/db.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { newId } from '#shared/ids.ts'
import { createLog } from '#shared/log.ts'
import type { Run } from '#shared/queue/executor.ts'
import { createSecrets } from '#shared/secrets.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { editDraft } from '#shop/mailings/drafts.ts'
import {
  cancelMailing,
  createMailing,
  planMailing,
  readMailing,
  resumeMailing,
  scheduleMailing,
} from '#shop/mailings/mailings.ts'
import { resendUncertain } from '#shop/mailings/resend.ts'
import { sendSlice } from '#shop/mailings/worker/lane.ts'
import { close } from '#shop/mailings/worker/progress.ts'
import { atEnd } from '../lib/at-end.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'

const BOTS = ['main', 'second']
/** People of each bot: several ranges of 30, in each of which both bots have some. */
const EACH = 40
const HOUR_MS = 3_600_000
const UNAUTHORIZED = { ok: false, error_code: 401, description: 'Unauthorized' } as const

describe('a mailing of several bots', () => {
  let db: Db
  beforeAll(async () => {
    const database = await createDatabase()
    atEnd(() => database.drop())
    db = await openTestDb(database.url, { max: 6, name: 'several' })
    atEnd(() => db.close())
    await registerBots(
      db,
      BOTS.map((name) => ({ name, token: '', admins: [] })),
    )
    await db.rows(
      q`insert into persons (id, first_name) select g, 'P' from generate_series(1, ${2 * EACH}) g`,
    )
    await db.rows(q`
      insert into bot_sessions (bot, person_id)
      select case when g % 2 = 0 then 'main' else 'second' end, g from generate_series(1, ${2 * EACH}) g`)
  })

  /** @param silent the bots to which Telegram has said to wait for an hour; @param revoked those whose token it refuses */
  function appOf(silent: ReadonlySet<string>, revoked: ReadonlySet<string> = new Set()) {
    const bots = BOTS.map((name) => ({
      name,
      mailings: {
        async copyMessage(person: number) {
          if (revoked.has(name)) throw new GrammyError('refused', UNAUTHORIZED, 'copyMessage', {})
          return { message_id: 1_000 + person }
        },
      },
      budget: {
        ask: async () =>
          silent.has(name)
            ? { granted: false, waitMs: HOUR_MS, chatOnly: false }
            : { granted: true, waitMs: 0, chatOnly: false },
        window: () => ({ enter: async () => () => {}, crowded: () => false }),
      },
    }))
    return {
      db,
      bots: new Map(bots.map((bot) => [bot.name, bot])),
      refreshBots: async () => {},
      secrets: createSecrets(randomBytes(32).toString('base64')),
      texts: loadTexts(),
      settings: { get: async () => ({}) },
      log: createLog({ level: 'silent', name: 'several' }),
      relay: { kick() {} },
    } as unknown as Context
  }
  async function begin(): Promise<string> {
    const id = newId()
    await createMailing(db, { id, bot: 'main', createdBy: 1n })
    const source = { chatId: 1, messageIds: [1] }
    const sources = { main: source, second: source }
    await editDraft(db, id, {
      contents: { '': { text: 'words', media: [], buttons: [], sources } },
      audience: { bots: BOTS },
    })
    await db.tx(async (tx) => {
      await scheduleMailing(tx, id)
      await planMailing(tx, (await readMailing(tx, id))!)
    })
    return id
  }
  async function slice(id: string, silent: ReadonlySet<string>, revoked?: ReadonlySet<string>) {
    const { generation } = (await readMailing(db, id))!
    const run = { signal: new AbortController().signal } as Run
    return await sendSlice(appOf(silent, revoked), { broadcastId: id, generation, lane: 0, turn: 0 }, run)
  }
  const states = async (id: string) =>
    Object.fromEntries(
      (
        await db.rows(q<{ what: string; count: number }>`
          select bot || ' ' || state as what, count(*)::int as count from broadcast_recipients
          where broadcast_id = ${id} group by 1`)
      ).map(({ what, count }) => [what, count]),
    )

  test('F39 goes on in the others while Telegram silences one of its bots for an hour, and then with that one', async () => {
    const id = await begin()
    expect(await slice(id, new Set(['main']))).toMatchObject({ verdict: 'later' })
    expect(await states(id)).toEqual({ 'main planned': EACH, 'second sent': EACH })
    // Nobody takes these ranges up before the hour is over.
    const [rest] = await db.rows(q<{ count: number; early: number }>`
      select count(*)::int as count, (count(*) filter (where until < now() + interval '50 minutes'))::int as early
      from broadcast_leases where broadcast_id = ${id}`)
    expect([rest!.count > 1, rest!.early]).toEqual([true, 0])
    await db.rows(
      q`update broadcast_leases set until = now() - interval '1 second' where broadcast_id = ${id}`,
    )
    expect(await slice(id, new Set())).toEqual({ verdict: 'done' })
    expect(await readMailing(db, id)).toMatchObject({ state: 'done', sent: 2 * EACH, uncertain: 0 })
  })

  test('F39 keeps its ranges together while all of its bots are silent, and can be cancelled while one is', async () => {
    const id = await begin()
    await slice(id, new Set(BOTS))
    const { nextNumber } = (await readMailing(db, id))!
    expect(nextNumber).toBeLessThanOrEqual(61)
    await slice(id, new Set(['main']))
    expect(await db.tx((tx) => cancelMailing(tx, id))).toBe(true)
    expect(await close(appOf(new Set()), id)).toEqual({ verdict: 'done' })
    expect(await states(id)).toEqual({ 'main planned': EACH, 'second sent': EACH })
    expect(await readMailing(db, id)).toMatchObject({ state: 'cancelled', uncertain: 0 })
  })

  test('F50 goes on in the others when Telegram refuses the token of one, waits for that one at the end, and then reaches the rest', async () => {
    const id = await begin()
    expect(await slice(id, new Set(), new Set(['main']))).toEqual({ verdict: 'done' })
    expect(await states(id)).toEqual({ 'main planned': EACH, 'second sent': EACH })
    expect(await readMailing(db, id)).toMatchObject({ state: 'paused', reason: 'token' })
    expect(await db.tx((tx) => resumeMailing(tx, id))).toBe(true)
    expect(await slice(id, new Set())).toEqual({ verdict: 'done' })
    expect(await readMailing(db, id)).toMatchObject({ state: 'done', sent: 2 * EACH, uncertain: 0 })
  })

  test('F42 sent again to whom it is uncertain, it reaches nobody twice when more become uncertain afterwards', async () => {
    const id = await begin()
    await db.tx((tx) => cancelMailing(tx, id))
    const doubt = async (first: number, last: number) => {
      await db.rows(q`
        update broadcast_recipients set state = 'uncertain'
        where broadcast_id = ${id} and number between ${first} and ${last}`)
      await db.rows(q`update broadcasts set uncertain = uncertain + ${last - first + 1} where id = ${id}`)
    }
    const again = async () => {
      const next = newId()
      return await db.tx(async (tx) => {
        await resendUncertain(tx, id, { id: next, by: 1n })
        return await planMailing(tx, (await readMailing(tx, next))!)
      })
    }
    await doubt(1, 2)
    expect(await again()).toBe(2)
    // A worker that was taken for dead has told of these only now.
    await doubt(3, 5)
    expect(await again()).toBe(3)
  })
})
