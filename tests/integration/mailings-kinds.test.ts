import { Redis } from 'ioredis'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { oweLanes, planMailing, readMailing, resumeMailing } from '#shop/mailings/mailings.ts'
import { oweWiped } from '#shared/queue/wiped.ts'
import { OWNER, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { ensurePerson } from '#shared/people.ts'
import { plain } from '../lib/phone.ts'
import { parseCsv } from '../lib/csv.ts'
import { eventually } from '../lib/eventually.ts'
import { mailings, PIXELS } from '../lib/mailings.ts'
import type { Mailings } from '../lib/mailings.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('mailings of every kind', () => {
  let shop: AdminShop
  let mail: Mailings
  beforeAll(async () => {
    shop = await openAdminShop({ workers: ['bot', 'broadcasts', 'exports'] })
    mail = mailings(shop)
    for (const bot of [0, 1]) {
      await shop.say(OWNER, '/start', bot)
      await shop.sees(OWNER, 'Balance', bot)
    }
  })
  afterAll(() => shop?.close())

  test('a test says whom it reached: me alone, all admins, or those of them who can be written to', async () => {
    const away = 9_001
    const role = (change: string) =>
      shop.db.rows(
        change === 'give'
          ? q`insert into admins (bot, person_id, role, added_by) values ('main', ${away}, 'admin', ${OWNER})`
          : q`delete from admins where person_id = ${away}`,
      )
    await mail.write()
    await shop.say(OWNER, 'A look before')
    await shop.sees(OWNER, '1 recipient')
    const copies = async () =>
      (await shop.calls('copyMessage')).filter(({ ok, params }) => ok && Number(params['chat_id']) === OWNER)
    const before = (await copies()).length
    expect((await shop.press(OWNER, 'Show it to me')).text).toBe('Shown to you')
    expect(await copies()).toHaveLength(before + 1)
    expect((await shop.press(OWNER, 'To all admins')).text).toBe('Shown to you')
    await shop.db.tx((tx) => ensurePerson(tx, BigInt(away), 'main'))
    await role('give')
    try {
      expect((await shop.press(OWNER, 'To all admins')).text).toMatch(/^Sent to admins: 1 of 2\. The others/)
      expect((await shop.press(OWNER, 'Show it to me')).text).toBe('Shown to you')
      await shop.person(away, 'Anna')
      expect((await shop.press(OWNER, 'To all admins')).text).toBe('Sent to admins: 2')
    } finally {
      await role('take')
    }
    expect((await shop.messages(away)).filter(({ text }) => text === 'A look before')).toHaveLength(1)
  })

  describe('a planned start', () => {
    test('begins by itself at its time, not before', async () => {
      const first = 10_000
      await mail.crowd(3, first)
      const startAt = new Date(Date.now() + 1_500)
      const id = await mail.begin('at the hour', first, { startAt })
      const early = await readMailing(shop.db, id)
      if (Date.now() < startAt.getTime()) expect(early).toMatchObject({ state: 'scheduled', total: 0 })
      const done = await mail.over(id)
      expect(done).toMatchObject({ total: 3, sent: 3 })
      // The clock of the database planned the start and the clock of the queue released it; both are clocks of
      // this machine.
      expect(done.startedAt!.getTime()).toBeGreaterThanOrEqual(startAt.getTime() - 50)
    })

    test('F27 begins although the queue was emptied meanwhile', async () => {
      const first = 11_000
      await mail.crowd(3, first)
      const own = ['main', 'second']
      await oweWiped(shop.db, shop, shop.backend.servers[0]!, 'main', own)
      const id = await mail.begin('after the wipe', first, { startAt: new Date(Date.now() + 3_600_000) })
      await eventually(async () => {
        const [row] = await shop.db.rows(q<{ state: string }>`
          select state from outbox where key = ${`broadcast-start-${id}-1`}`)
        return row?.state === 'queued'
      })
      const redis = new Redis(shop.env['REDIS_URL']!)
      await redis.flushdb()
      await redis.quit()
      expect(await oweWiped(shop.db, shop, shop.backend.servers[0]!, 'main', own)).toBeGreaterThan(0)
      // The hour is over, so the job that is there again may run.
      const [queue] = shop.producer.queues.get('broadcasts')!
      await eventually(async () => {
        await queue!.promoteJobs()
        return (await readMailing(shop.db, id))?.state !== 'scheduled'
      })
      expect(await mail.over(id)).toMatchObject({ total: 3, sent: 3 })
    })

    test('is cancelled before its time, and then nothing is sent when the time comes', async () => {
      const first = 12_000
      await mail.crowd(3, first)
      await mail.write()
      await shop.say(OWNER, 'never mind')
      await shop.sees(OWNER, 'all languages: text')
      await mail.aim(first)
      await shop.press(OWNER, 'When')
      await shop.say(OWNER, '+10m')
      await shop.press(OWNER, 'Start for 3')
      await shop.sees(OWNER, 'scheduled')
      const { id } = await mail.newest('scheduled')
      await shop.press(OWNER, 'Cancel')
      await shop.press(OWNER, 'Yes, cancel the mailing')
      await mail.over(id, 'cancelled')
      await shop.db.rows(q`
        update outbox set state = 'owed', run_at = now() where key = ${`broadcast-start-${id}-1`}`)
      await eventually(async () => {
        const [row] = await shop.db.rows(q<{ state: string }>`
          select state from outbox where key = ${`broadcast-start-${id}-1`}`)
        return row?.state === 'done'
      })
      expect(await mail.states(id)).toEqual([])
      expect((await mail.copies()).get(first)).toBeUndefined()
    })

    test('that cannot begin is a draft again and says why', async () => {
      const first = 13_000
      await mail.crowd(2, first)
      const id = await mail.draft({ ru: await mail.source('x') }, first, { bots: ['main', 'second'] })
      await shop.db.rows(q`
        update broadcasts set created_by = 77, state = 'scheduled', generation = 1 where id = ${id}`)
      await shop.db.rows(q`
        insert into outbox (key, job, payload) values (${`broadcast-start-${id}-1`}, 'broadcast.start',
          ${JSON.stringify({ broadcastId: id, generation: 1 })}::jsonb)`)
      expect(await mail.over(id, 'draft')).toMatchObject({ reason: 'not-served', total: 0 })
    })
  })

  describe('a paid mailing', () => {
    const stars = (count: number) => shop.control('PATCH', '/bots/main_bot', { stars: count })
    /**
     * Starts the mailing although the Stars would be missed at the check: they run out between the check and the
     * sending.
     */
    async function startAnyway(id: string): Promise<void> {
      await shop.db.rows(q`update broadcasts set state = 'scheduled', generation = 1 where id = ${id}`)
      await shop.db.tx(async (tx) => {
        await planMailing(tx, (await readMailing(tx, id))!)
        await oweLanes(tx, { id, bot: 'main', generation: 1 })
      })
    }

    test('names its price, refuses to start without the Stars for it, and keeps what Telegram took', async () => {
      const first = 20_000
      await mail.crowd(30, first)
      await stars(2)
      await mail.write()
      await shop.say(OWNER, 'quickly')
      await shop.sees(OWNER, 'all languages: text')
      await mail.aim(first)
      const { text: hint } = await shop.press(OWNER, 'Paid: up to 1000')
      expect(plain(hint)).toMatch(/0.1 Star a message.*has 2 ⭐/)
      await shop.sees(OWNER, 'Paid: up to 3 ⭐')
      const { text: refusal } = await shop.press(OWNER, 'Start for 30')
      expect(plain(refusal)).toMatch(/up to 3 ⭐ from main, which has 2 ⭐/)
      expect((await mail.newest('draft')).options.paid).toBe(true)
      await stars(10)
      await shop.press(OWNER, 'Start for 30')
      const { id } = await mail.newest('done')
      // The pace of the chat lets the last edit wait for its turn.
      await eventually(async () =>
        (await shop.messages(OWNER)).some(({ text }) => text?.includes('Telegram took 3 ⭐')),
      )
      const calls = (await shop.calls('copyMessage')).filter(
        ({ params }) => Number(params['chat_id']) >= first,
      )
      expect(calls).toHaveLength(30)
      expect(calls.every(({ params }) => params['allow_paid_broadcast'] === true)).toBe(true)
      expect((await readMailing(shop.db, id))!.fee!.nanostars).toBe('3000000000')
      expect((await shop.audits('broadcast.start')).at(-1)!.details).toMatchObject({ starsAtMost: 3 })
    })

    test('that runs out of Stars waits, with nobody lost, and goes on after a top-up', async () => {
      const first = 21_000
      await mail.crowd(30, first)
      await stars(1)
      const id = await mail.draft('more than we have', first, { options: { paid: true } })
      await startAnyway(id)
      expect(await mail.over(id, 'paused')).toMatchObject({ reason: 'no-stars' })
      await eventually(async () => !(await mail.states(id)).some(({ state }) => state === 'sending'))
      expect(await mail.states(id)).toMatchObject([
        { state: 'planned', count: 20n },
        { state: 'sent', count: 10n },
      ])
      await mail.open(id)
      await shop.sees(OWNER, 'the bot has too few Stars')
      await stars(2)
      await shop.db.tx((tx) => resumeMailing(tx, id))
      expect(await mail.over(id)).toMatchObject({ sent: 30, failed: 0, reason: null })
    })

    test('that goes on after a top-up is not paused again by an answer from before it', async () => {
      const first = 22_000
      await mail.crowd(30, first)
      await stars(1)
      // Ten people get the message. For these four Telegram refuses it for want of Stars, and its answers take
      // longer than the top-up.
      for (const at of [10, 11, 12, 13]) await mail.fault('copyMessage', first + at, { delay_ms: 3_000 })
      const id = await mail.draft('more than we have', first, { options: { paid: true } })
      await startAnyway(id)
      await mail.over(id, 'paused')
      await stars(3)
      await shop.db.tx((tx) => resumeMailing(tx, id))
      expect(await mail.over(id)).toMatchObject({ sent: 30, failed: 0, uncertain: 0, reason: null })
    })
  })

  test('waits instead of failing for everybody when the message to copy is gone', async () => {
    const first = 25_000
    await mail.crowd(20, first)
    const content = await mail.source('soon gone')
    await shop.control(
      'DELETE',
      `/chats/main_bot/${OWNER}/messages/${content.sources['main']!.messageIds[0]}`,
    )
    const id = await mail.begin({ '': content }, first)
    expect(await mail.over(id, 'paused')).toMatchObject({ reason: 'no-source', failed: 0, sent: 0 })
  })

  test('a mailing of words is edited into a picture in every bot, by one upload, and back into words', async () => {
    const first = 40_000
    await mail.crowd(2, first)
    await mail.crowd(2, first + 2, 'second')
    await shop.db.rows(
      q`update bot_sessions set start_param = ${`t${first}`} where person_id = any(${[first + 2, first + 3]}::bigint[])`,
    )
    const id = await mail.begin('only words', first, { bots: ['main', 'second'] })
    await mail.over(id)
    const uploads = async () => (await shop.calls('sendPhoto', 1)).length
    const before = await uploads()
    await mail.edit(id)
    await shop.send(OWNER, { photo: PIXELS[0], caption: 'a picture now' })
    await shop.press(OWNER, 'Edit for 4')
    expect(await mail.newest('done')).toMatchObject({ action: 'edit', sent: 4 })
    for (const [person, bot] of [
      [first, 0],
      [first + 3, 1],
    ] as const) {
      const [message] = await mail.inbox(person, bot)
      expect(message).toMatchObject({ caption: 'a picture now' })
      expect(message!.photo).toBeTruthy()
      expect(message).not.toHaveProperty('text')
    }
    expect((await uploads()) - before).toBe(1)
    await mail.edit(id)
    await shop.say(OWNER, 'other words')
    await shop.press(OWNER, 'Edit for 4')
    await eventually(async () => (await mail.inbox(first + 3, 1))[0]?.caption === 'other words')
  })

  test('an edit that failed leaves the message known: it is deleted with the others', async () => {
    const first = 50_000
    await mail.crowd(4, first)
    const id = await mail.begin('first words', first)
    await mail.over(id)
    await mail.fault('editMessageText', first, { status: 400, description: 'Bad Request: MESSAGE_STRANGE' })
    await mail.fault('editMessageText', first + 1, { drop: 'before' })
    await mail.edit(id)
    await shop.say(OWNER, 'second words')
    await shop.press(OWNER, 'Edit for 4')
    expect(await mail.newest('done')).toMatchObject({ action: 'edit', sent: 2, failed: 1, uncertain: 1 })
    expect((await mail.states(id)).map(({ state, count }) => [state, count])).toEqual([
      ['edited', 2n],
      ['sent', 2n],
    ])
    await mail.deleteEverywhere(id)
    expect(await mail.newest('done')).toMatchObject({ action: 'delete', sent: 4 })
    for (let person = first; person < first + 4; person++) expect(await mail.inbox(person)).toEqual([])
  })

  test('everybody reads their own language, the common words where there are none, and nobody the wrong one', async () => {
    const first = 60_000
    await mail.crowd(2, first, 'main', 'ru')
    await mail.crowd(2, first + 2, 'main', 'en')
    await shop.db.rows(q`
      update bot_sessions set start_param = ${`t${first}`}, language = case when person_id = ${first + 3} then 'ru' end
      where person_id between ${first} and ${first + 3}`)
    const [russian, common] = [await mail.source('Привет'), await mail.source('Hello')]
    await mail.over(await mail.begin({ ru: russian, '': common }, first))
    const read = async () =>
      await Promise.all(
        [0, 1, 2, 3].map(async (at) => (await mail.inbox(first + at)).map(({ text }) => text)),
      )
    expect(await read()).toEqual([['Привет'], ['Привет'], ['Hello'], ['Привет']])
    const only = await mail.over(await mail.begin({ en: common }, first))
    expect(only).toMatchObject({ total: 1, sent: 1 })
    expect((await read()).map((texts) => texts.length)).toEqual([1, 1, 2, 1])
  })

  test('the CSV of a mailing lists first whom it did not reach, by reason', async () => {
    const first = 70_000
    await mail.crowd(6, first)
    await shop.control('PATCH', `/people/${first + 4}`, { deactivated: true })
    await mail.fault('copyMessage', first + 2, { status: 400, description: 'Bad Request: =cmd|calc' })
    await mail.fault('copyMessage', first + 5, { drop: 'after' })
    const id = await mail.begin('with losses', first)
    expect(await mail.over(id)).toMatchObject({ sent: 3, blocked: 1, failed: 1, uncertain: 1 })
    await mail.open(id)
    await shop.press(OWNER, 'Results as CSV')
    const message = await shop.sees(OWNER, 'Lines: 6')
    expect(message.document).toMatchObject({ file_name: 'broadcast.csv' })
    const response = await fetch(new URL(message.document!.url, shop.telegram.url))
    const [header, ...rows] = parseCsv((await response.text()).replace(/^\uFEFF/, ''), ',')
    const column = (name: string) => rows.map((row) => row[header!.indexOf(name)]!)
    expect(column('state').slice(3)).toEqual(['sent', 'sent', 'sent'])
    expect(new Set(column('state').slice(0, 3))).toEqual(new Set(['blocked', 'failed', 'uncertain']))
    const reasons = column('reason').slice(0, 3)
    expect(reasons).toEqual(reasons.toSorted())
    expect(
      new Map(rows.map((row) => [row[header!.indexOf('person_id')], row[header!.indexOf('reason')]])),
    ).toEqual(
      new Map([
        [String(first), ''],
        [String(first + 1), ''],
        [String(first + 2), 'Bad Request: =cmd|calc'],
        [String(first + 3), ''],
        [String(first + 4), 'telegram.deactivated'],
        [String(first + 5), "Telegram did not answer: Network request for 'copyMessage' failed!"],
      ]),
    )
  })

  // This test is the last one, because Telegram's clock goes forward only.
  test('an admin reads how many messages were too old to be deleted, and those stay known', async () => {
    const first = 80_000
    await mail.crowd(3, first)
    const id = await mail.begin('two days ago', first)
    await mail.over(id)
    await shop.control('PUT', '/clock', { advance_ms: 48 * 3_600_000 + 2_000 })
    // For one person the mailing came when it had been under way for two days.
    const late = await mail.begin('just now', first)
    await mail.over(late)
    await shop.db.rows(q`
      update broadcast_recipients r set message_ids = l.message_ids from broadcast_recipients l
      where r.broadcast_id = ${id} and l.broadcast_id = ${late} and l.person_id = r.person_id
        and r.person_id = ${first + 1}`)
    // The deletion is over before Telegram has said that its page is there, and the page says so all the same.
    await mail.deleteEverywhere(id, 3_000)
    expect(await mail.newest('done')).toMatchObject({ action: 'delete', sent: 1, failed: 2 })
    await shop.sees(
      OWNER,
      /deletion is done: 1 of 3, failed 2, 2 of them because they are older than 48 hours/,
    )
    await shop.sees(OWNER, /Deletion everywhere · done[\s\S]*failed: 2[\s\S]*older than 48 hours/)
    const texts = async (person: number) => (await mail.inbox(person)).map(({ text }) => text)
    expect(await texts(first)).toEqual(['two days ago', 'just now'])
    expect(await texts(first + 1)).toEqual(['two days ago'])
    expect((await mail.states(id)).map(({ state, count }) => [state, count])).toEqual([
      ['deleted', 1n],
      ['sent', 2n],
    ])
    // A mailing that ended so long ago is not even tried.
    await shop.db.rows(q`update broadcasts set finished_at = now() - interval '49 hours' where id = ${id}`)
    await mail.open(id)
    const { text } = await shop.press(OWNER, 'Delete everywhere')
    expect(text).toBe('Telegram only deletes messages of the last 48 hours.')
  })
})
