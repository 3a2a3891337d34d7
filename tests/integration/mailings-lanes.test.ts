import { randomBytes } from 'node:crypto'
import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { GrammyError } from 'grammy'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  cancelMailing,
  createMailing,
  pauseMailing,
  planMailing,
  readMailing,
  resumeMailing,
  scheduleMailing,
} from '#shop/mailings/mailings.ts'
import { editDraft } from '#shop/mailings/drafts.ts'
import type { Mailing } from '#shop/mailings/mailings.ts'
import type { Context } from '#shared/context.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { newId } from '#shared/ids.ts'
import { relay } from '#shared/queue/outbox.ts'
import { createLog } from '#shared/log.ts'
import type { Run } from '#shared/queue/executor.ts'
import { createSecrets } from '#shared/secrets.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { createBudget } from '#shared/telegram/budget.ts'
import type { Budget } from '#shared/telegram/budget.ts'
import { removeBot } from '#shop/admin/run-time-bots.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { close, drawProgress } from '#shop/mailings/worker/progress.ts'
import { sendSlice } from '#shop/mailings/worker/lane.ts'
import { createMarker } from '#shop/mailings/worker/marker.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import { rowsRead } from '../lib/rows-read.ts'
import type { TestDatabase } from '../lib/database.ts'

const COUNT = 7

/**
 * Runs the slices of a lane one by one, with a bot that does what the test says, so that no slice ends by the
 * clock.
 */
describe('a lane of a mailing', () => {
  let database: TestDatabase
  let db: Db
  beforeAll(async () => {
    database = await createDatabase()
    db = await openDb(database.url, { max: 4, name: 'lanes' })
    await registerBots(db, [{ name: 'main', token: '', admins: [] }])
    await db.rows(q`insert into persons (id, first_name) select g, 'P' from generate_series(1, ${COUNT}) g`)
    await db.rows(
      q`insert into bot_sessions (bot, person_id) select 'main', g from generate_series(1, ${COUNT}) g`,
    )
  })
  afterAll(async () => {
    await db.close()
    await database.drop()
  })

  /** @param act what the bot does for a person; with the answer 'last' the slice ends */
  function lane(
    mailingId: string,
    act: (person: number) => Promise<'last' | void> = async () => {},
    { using = db, served = ['main'], budget = {} as Partial<Budget> } = {},
  ) {
    let end = new AbortController()
    const call = async (person: number) => {
      if ((await act(person)) === 'last') end.abort()
      return { message_id: 1_000 + person }
    }
    let asked: (person: number) => Promise<void> = async () => {}
    const bot = {
      name: 'main',
      mailings: { getMe: async () => ({}), copyMessage: call, editMessageText: call, deleteMessages: call },
      budget: {
        async ask(_lane: string, person: number) {
          await asked(person)
          return { granted: true, waitMs: 0, chatOnly: false }
        },
        window: () => ({ enter: async () => () => {}, crowded: () => false }),
        ...budget,
      },
    } as unknown as ServedBot
    const app = {
      db: using,
      bots: new Map(served.map((name) => [name, bot])),
      refreshBots: async () => {},
      secrets: createSecrets(randomBytes(32).toString('base64')),
      texts: loadTexts(),
      settings: { get: async () => ({}) },
      log: createLog({ level: 'silent', name: 'lanes' }),
      relay: { kick() {} },
    } as unknown as Context
    return {
      before: (what: typeof asked) => (asked = what),
      app,
      async slice() {
        end = new AbortController()
        const { generation } = (await readMailing(db, mailingId))!
        const job = { broadcastId: mailingId, generation, lane: 0, turn: 0 }
        return await sendSlice(app, job, { signal: end.signal } as Run)
      },
    }
  }

  async function begin(action: Mailing['action'] = 'send', parentId?: string): Promise<string> {
    const id = newId()
    await createMailing(db, { id, bot: 'main', createdBy: 1n, action, parentId })
    const sources = { main: { chatId: 1, messageIds: [1] } }
    await editDraft(db, id, { contents: { '': { text: 'words', media: [], buttons: [], sources } } })
    await db.tx(async (tx) => {
      await scheduleMailing(tx, id)
      await planMailing(tx, (await readMailing(tx, id))!)
    })
    return id
  }
  async function sent(): Promise<string> {
    const id = await begin()
    await lane(id).slice()
    expect(await readMailing(db, id)).toMatchObject({ state: 'done', sent: COUNT })
    return id
  }
  const states = async (id: string) =>
    Object.fromEntries(
      (
        await db.rows(q<{ state: string; count: number }>`
          select state, count(*)::int as count from broadcast_recipients where broadcast_id = ${id} group by state`)
      ).map(({ state, count }) => [state, count]),
    )

  test('a mailing marks the rows of its sent messages without a scan, also by a plan that PostgreSQL kept from when rows were few', async () => {
    const one = await openTestDb(database.url, { max: 1, name: 'lanes' })
    const mailing = async (people: number) => {
      const id = newId()
      await createMailing(one, { id, bot: 'main', createdBy: 1n })
      await one.rows(q`
        insert into broadcast_recipients (broadcast_id, number, person_id, bot, language, state)
        select ${id}, g, 1, 'main', 'ru', 'sending' from generate_series(1, ${people}::int) g`)
      const marker = createMarker(one, (await readMailing(one, id))!, id)
      return (first: number) =>
        Promise.all(
          Array.from({ length: 30 }, (_, at) => marker.settle({ number: first + at, state: 'sent' })),
        )
    }
    const small = await mailing(600)
    // PostgreSQL keeps the plan of a prepared statement from its sixth run on.
    for (let first = 1; first < 600; first += 30) await small(first)
    const large = await mailing(30_000)
    expect(await rowsRead(one, () => large(20_000))).toBeLessThan(3_000)
    await one.close()
  })

  test('F123 a mailing that is paused while its progress is drawn is drawn once more, as paused', async () => {
    const id = await begin()
    await db.rows(
      q`update broadcasts set state = 'running', card = '{"chatId": 1, "messageId": 9}' where id = ${id}`,
    )
    const { app } = lane(id)
    const seen: string[] = []
    Object.assign(app.bots.get('main')!, {
      notices: {
        async editMessageText(_chat: number, _message: number, text: string) {
          seen.push(/running|paused/.exec(text)![0])
          await db.tx((tx) => pauseMailing(tx, id, { reason: 'paused' }))
        },
      },
    })
    await drawProgress(app, id)
    expect(seen).toEqual(['running', 'paused'])
  })

  test('edits each message once, in however many slices it goes through the messages', async () => {
    const id = await begin('edit', await sent())
    const edited: number[] = []
    const slow = lane(id, async (person) => {
      edited.push(person)
      return 'last'
    })
    for (let slices = 0; slices < 4 * COUNT && (await readMailing(db, id))!.state === 'running'; slices++)
      await slow.slice()
    expect(edited.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(await readMailing(db, id)).toMatchObject({ state: 'done', sent: COUNT, failed: 0 })
  })

  test('edits all messages again for another edit', async () => {
    const parent = await sent()
    for (const round of [1, 2]) {
      const id = await begin('edit', parent)
      const edited: number[] = []
      await lane(id, async (person) => void edited.push(person)).slice()
      expect([round, edited.length]).toEqual([round, COUNT])
      expect(await readMailing(db, id)).toMatchObject({ state: 'done', sent: COUNT })
    }
  })

  test('tries a deletion that Telegram refuses once for each person', async () => {
    const id = await begin('delete', await sent())
    let tries = 0
    const slow = lane(id, async () => {
      if (++tries % 2 === 0) return 'last'
      throw new TypeError('refused')
    })
    for (let slices = 0; slices < 4 * COUNT && (await readMailing(db, id))!.state === 'running'; slices++)
      await slow.slice()
    const over = (await readMailing(db, id))!
    expect(tries).toBe(COUNT)
    expect(over).toMatchObject({ state: 'done', sent: 3, uncertain: 4 })
  })

  test('F108 has no more messages in any second than its rate, also when it was paused, resumed and taken up by another lane', async () => {
    const id = await begin()
    const budget = createBudget({ redis: undefined, key: String }, '1', { sendRate: 4, chatRate: 0 })
    const times: number[] = []
    const note = async () => void times.push(performance.now())
    const slow = lane(id, async () => (await note(), times.length === 3 ? 'last' : undefined), { budget })
    await slow.slice()
    await db.tx((tx) => pauseMailing(tx, id))
    await db.tx((tx) => resumeMailing(tx, id))
    await lane(id, note, { budget }).slice()
    expect(await readMailing(db, id)).toMatchObject({ state: 'done', sent: COUNT })
    expect(times).toHaveLength(COUNT)
    for (const [index, at] of times.entries())
      if (index >= 4) expect(at - times[index - 4]!).toBeGreaterThanOrEqual(1_000)
  })

  test('F43 leaves nobody out whose turn came when the mailing was paused and resumed meanwhile', async () => {
    const id = await begin()
    const got: number[] = []
    const old = lane(id, async (person) => void got.push(person))
    // The lane has its recipients and waits for a slot of the budget; then an admin pauses and resumes the
    // mailing.
    let waited = false
    old.before(async () => {
      if (waited) return
      waited = true
      await db.tx((tx) => pauseMailing(tx, id))
      await db.tx((tx) => resumeMailing(tx, id))
    })
    await old.slice()
    expect(waited).toBe(true)
    await lane(id, async (person) => void got.push(person)).slice()
    expect(await readMailing(db, id)).toMatchObject({ state: 'done', sent: COUNT })
    expect(got.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  /** A database that is away for the first statements that match. */
  const broken = (text: RegExp, times = Infinity): Db => ({
    ...db,
    rows: ((query: RawBuilder<unknown>) => {
      const away = text.test(query.compile(db.em.getKysely() as never).sql.replaceAll('"', '')) && times-- > 0
      return away ? Promise.reject(new Error('connection terminated')) : db.rows(query)
    }) as Db['rows'],
  })

  test('F42 leaves nobody out over whom the database was away for a moment', async () => {
    const id = await begin()
    const got: number[] = []
    const shaken = lane(id, async (person) => void got.push(person), {
      using: broken(/set state = 'sending'/, 1),
    })
    await expect(shaken.slice()).rejects.toThrow('terminated')
    await lane(id, async (person) => void got.push(person)).slice()
    expect(await readMailing(db, id)).toMatchObject({ state: 'done', sent: COUNT })
    expect(got.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  test('F42 leaves the rest to others when the database goes away over the last of its recipients', async () => {
    const id = await begin()
    await expect(lane(id, undefined, { using: broken(/set state = 'sending'/) }).slice()).rejects.toThrow(
      'terminated',
    )
    expect(await states(id)).toEqual({ planned: COUNT })
    const got: number[] = []
    const halfway = lane(id, async (person) => void got.push(person), { using: broken(/with mark as/) })
    await expect(halfway.slice()).rejects.toThrow('terminated')
    await lane(id, async (person) => void got.push(person)).slice()
    const over = (await readMailing(db, id))!
    expect(over.state).toBe('done')
    expect(over.sent + over.uncertain).toBe(COUNT)
    expect(got.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(await states(id)).toEqual({ uncertain: over.uncertain, ...(over.sent > 0 && { sent: over.sent }) })
  })

  const owed = (like: string) =>
    db.rows(q<{ key: string; bot: string | null; state: string; payload: Record<string, unknown> }>`
      select key, bot, state, payload from outbox where key like ${`%${like}%`} order by key`)

  test('with a button that Telegram refuses waits too, instead of failing for everybody', async () => {
    const id = await begin()
    const description = "Bad Request: inline keyboard button URL 'http://shop' is invalid: Wrong HTTP URL"
    await lane(id, async () => {
      throw new GrammyError('refused', { ok: false, error_code: 400, description }, 'copyMessage', {})
    }).slice()
    expect(await readMailing(db, id)).toMatchObject({ state: 'paused', reason: description, failed: 0 })
    expect(await states(id)).toEqual({ planned: COUNT })
  })

  test('that cannot go on waits, and its admin is told why', async () => {
    const id = await begin()
    const gone = {
      ok: false,
      error_code: 400,
      description: 'Bad Request: message to copy not found',
    } as const
    await lane(id, async () => {
      throw new GrammyError('refused', gone, 'copyMessage', {})
    }).slice()
    expect(await readMailing(db, id)).toMatchObject({ state: 'paused', reason: 'no-source', failed: 0 })
    expect(await states(id)).toEqual({ planned: COUNT })
    const [notice] = await owed(`broadcast-waits-${id}`)
    expect(notice).toMatchObject({ bot: 'main', payload: { personId: '1' } })
    expect(JSON.stringify(notice!.payload)).toMatch(
      /the message to copy is gone.*сообщения, которое копируем/,
    )
  })

  test('F42 cancelled after its worker died: what was being sent then is uncertain, and nobody else is asked', async () => {
    const id = await begin()
    await db.rows(q`
      insert into broadcast_leases (broadcast_id, first, last, token, until)
      values (${id}, 1, 3, 'dead', now() - interval '1 second'), (${id}, 4, 7, 'alive', now() + interval '1 hour')`)
    await db.rows(q`
      update broadcast_recipients set state = 'sending' where broadcast_id = ${id} and number in (2, 5)`)
    expect(await db.tx((tx) => cancelMailing(tx, id))).toBe(true)
    expect(await db.tx((tx) => cancelMailing(tx, id))).toBe(false)
    expect(await owed(`broadcast-close-${id}`)).toMatchObject([{ bot: 'main', state: 'owed' }])
    const { app } = lane(id)
    expect(await close(app, id)).toMatchObject({ verdict: 'later' })
    expect(await states(id)).toEqual({ planned: 5, sending: 1, uncertain: 1 })
    await db.rows(
      q`update broadcast_leases set until = now() - interval '1 second' where broadcast_id = ${id}`,
    )
    expect(await close(app, id)).toEqual({ verdict: 'done' })
    expect(await readMailing(db, id)).toMatchObject({ state: 'cancelled', uncertain: 2, sent: 0 })
    expect(await db.rows(q`select 1 from broadcast_leases where broadcast_id = ${id}`)).toEqual([])
  })

  test('is left to the deployment that serves its bot, and fails for nobody elsewhere', async () => {
    const id = await begin()
    await lane(id, async () => 'last').slice()
    const jobs = await owed(id)
    expect(jobs.map(({ key, bot }) => [key.replace(id, 'ID'), bot])).toEqual([
      ['broadcast-send-ID-1-0-1', 'main'],
      ['broadcast-start-ID-1', 'main'],
    ])
    const producer = { add: () => Promise.reject(new Error('it is not ours')) }
    expect(await relay(db, producer as never, createLog({ level: 'silent', name: 'x' }), ['other'])).toBe(0)
    expect((await owed(id)).map(({ state }) => state)).toEqual(['owed', 'owed'])
    // The job is brought to this deployment all the same, as after a quarter of an hour without its own
    // deployment.
    const before = await states(id)
    expect(await lane(id, undefined, { served: ['other'] }).slice()).toMatchObject({ verdict: 'reject' })
    expect(await states(id)).toEqual(before)
    expect((await readMailing(db, id))!.state).toBe('running')
  })

  test('of a removed bot is cancelled, also one that has not begun', async () => {
    await registerBots(db, [{ name: 'leaving', token: '', admins: [] }])
    await db.rows(q`update bots set home = 'main' where name = 'leaving'`)
    const [running, planned] = [await begin(), newId()]
    await createMailing(db, { id: planned, bot: 'leaving', createdBy: 1n })
    await editDraft(db, planned, { startAt: new Date(Date.now() + 86_400_000) })
    await db.tx((tx) => scheduleMailing(tx, planned))
    await db.rows(q`update broadcasts set bot = 'leaving' where id = ${running}`)
    await db.tx((tx) => removeBot(tx, 'leaving'))
    for (const id of [running, planned]) expect((await readMailing(db, id))!.state).toBe('cancelled')
    // No job of the mailing holds up the end of its bot for a day.
    expect(await owed(`broadcast-start-${planned}`)).toMatchObject([{ state: 'done' }])
  })
})
