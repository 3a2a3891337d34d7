import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cancelMailing, readMailing, resumeMailing } from '#shop/mailings/mailings.ts'
import { editDraft } from '#shop/mailings/drafts.ts'
import { OWNER, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { mailings, PIXELS } from '../lib/mailings.ts'
import type { Mailings } from '../lib/mailings.ts'
import { redisAvailable } from '../lib/requirements.ts'

const FIRST = 10_000

describe.skipIf(!redisAvailable())('mailings', () => {
  let shop: AdminShop
  let mail: Mailings
  beforeAll(async () => {
    shop = await openAdminShop({ workers: ['bot', 'broadcasts'], env: { TELEGRAM_CHAT_RATE: '0' } })
    mail = mailings(shop)
    for (const bot of [0, 1]) {
      await shop.say(OWNER, '/start', bot)
      await shop.sees(OWNER, 'Balance', bot)
    }
  })
  afterAll(() => shop?.close())

  test('is written, tested, counted and started in the chat, and ends with a report', async () => {
    await mail.crowd(12, FIRST)
    await mail.write()
    await shop.say(OWNER, 'Big sale today')
    await shop.press(OWNER, /Buttons/)
    await shop.say(OWNER, 'Shop - https://example.com/ | Chat - https://t.me/chat')
    await shop.sees(OWNER, '2 buttons')
    const { text } = await shop.press(OWNER, 'To all admins')
    expect(text).toBe('Shown to you')
    await shop.press(OWNER, 'To whom')
    await shop.press(OWNER, 'Tag: —')
    await shop.say(OWNER, `t${FIRST}`)
    await shop.sees(OWNER, 'That is 12 customers now')
    await shop.press(OWNER, 'Back')
    await shop.sees(OWNER, '12 recipients')
    await shop.press(OWNER, 'Start for 12')
    await shop.sees(OWNER, 'The mailing is done')
    const seen = await mail.copies()
    for (let id = FIRST; id < FIRST + 12; id++) expect(seen.get(id)).toBe(1)
    const message = await shop.last(FIRST)
    expect(message).toMatchObject({ text: 'Big sale today' })
    expect(message!.inline_keyboard!.flat().map((key) => key.text)).toEqual(['Shop', 'Chat'])
  })

  test('F40 F41 whoever blocked the bot or is gone is marked for that bot only, and counted as such', async () => {
    const first = 20_000
    await mail.crowd(10, first)
    await mail.crowd(10, first, 'second')
    await shop.control('PATCH', `/people/${first}`, { block: 'main_bot' })
    // The update that tells of the block is lost on its way, so the mailing has to find out by itself.
    await eventually(async () => {
      const rows = await shop.db.rows(q`
        update bot_sessions set blocked_at = null where person_id = ${first} and blocked_at is not null returning 1`)
      return rows.length > 0
    })
    await shop.control('PATCH', `/people/${first + 1}`, { deactivated: true })
    const id = await mail.begin('hello', first)
    expect(await mail.over(id)).toMatchObject({ total: 10, sent: 8, blocked: 2, failed: 0, uncertain: 0 })
    const marked = await shop.db.rows(q<{ bot: string; personId: bigint }>`
      select bot, person_id as "personId" from bot_sessions
      where person_id between ${first} and ${first + 9} and blocked_at is not null order by person_id`)
    expect(marked).toEqual([
      { bot: 'main', personId: BigInt(first) },
      { bot: 'main', personId: BigInt(first + 1) },
    ])
  })

  test('F44 a send without an answer is uncertain and is repeated only when an admin says so', async () => {
    const first = 30_000
    await mail.crowd(10, first)
    await mail.fault('copyMessage', first + 3, { drop: 'after' })
    const id = await mail.begin('once only', first)
    expect(await mail.over(id)).toMatchObject({ sent: 9, uncertain: 1 })
    expect((await mail.copies()).get(first + 3)).toBe(1)
    await mail.open(id)
    await shop.press(OWNER, 'Resend the unknown')
    await shop.press(OWNER, /^Yes, send it again/)
    const child = await eventually(async () => {
      const [row] = await shop.db.rows(q<{ id: string; state: string }>`
        select id, state from broadcasts where parent_id = ${id}`)
      return row?.state === 'done' ? row.id : undefined
    })
    expect(await readMailing(shop.db, child)).toMatchObject({ total: 1, sent: 1 })
    expect((await mail.copies()).get(first + 3)).toBe(2)
    expect((await mail.states(id)).map(({ state }) => state)).toEqual(['resent', 'sent'])
  })

  test('F39 a 429 pauses the whole bot for as long as Telegram says, and nobody is lost by it', async () => {
    const first = 40_000
    await mail.crowd(30, first)
    await shop.control('POST', '/faults', {
      on: 'call',
      method: 'copyMessage',
      skip: 5,
      times: 1,
      do: { retry_after: 2 },
    })
    await mail.crowd(7, first + 100)
    const id = await mail.begin('patience', first)
    await eventually(async () => (await shop.calls('copyMessage')).some(({ status }) => status === 429))
    const next = await mail.begin('of the same bot', first + 100)
    expect(await mail.over(id)).toMatchObject({ total: 30, sent: 30, failed: 0, uncertain: 0 })
    const calls = (await shop.calls('copyMessage')).filter(
      ({ params }) => Number(params['chat_id']) >= first && Number(params['chat_id']) < first + 30,
    )
    const refused = calls.find(({ status }) => status === 429)!
    const again = calls.find(({ ok, params }) => ok && params['chat_id'] === refused.params['chat_id'])!
    expect(again.at - refused.at).toBeGreaterThanOrEqual(1_900)
    expect(calls.filter(({ ok }) => ok)).toHaveLength(30)
    // Only calls that began after the refusal count, whatever they were: calls that were under way with the
    // refused one arrived as they were.
    expect(await mail.over(next)).toMatchObject({ total: 7, sent: 7 })
    for (const { params, at } of await shop.calls('copyMessage')) {
      if (Number(params['chat_id']) >= first + 100 && Number(params['chat_id']) < first + 107)
        expect(at - refused.at).toBeGreaterThanOrEqual(1_900)
    }
  })

  test('F43 pause, resume pressed twice at once, and cancel: nobody gets it twice, nobody after the end', async () => {
    const HOUR = 3_600_000
    // Telegram takes twenty messages and then answers nobody. With three lanes, each with two ranges of thirty
    // under way, some people still wait.
    const holdAfter20 = () =>
      shop.control('PUT', '/faults', [
        { on: 'call', method: 'copyMessage', skip: 20, times: 0, do: { delay_ms: HOUR } },
      ])
    const goOn = async () => {
      await shop.control('PUT', '/faults', [])
      await shop.control('PUT', '/clock', { advance_ms: HOUR })
    }
    const first = 50_000
    await mail.crowd(200, first)
    await holdAfter20()
    const id = await mail.begin('in parts', first)
    await eventually(async () => ((await readMailing(shop.db, id))?.sent ?? 0) > 10)
    await mail.open(id)
    await shop.press(OWNER, 'Pause')
    const paused = await mail.over(id, 'paused')
    await goOn()
    await eventually(async () => {
      const list = await mail.states(id)
      return !list.some(({ state }) => state === 'sending')
    })
    const held = await readMailing(shop.db, id)
    expect(held!.sent).toBeLessThan(200)
    expect(held!.sent).toBeGreaterThanOrEqual(paused.sent)
    const resumed = await Promise.all([1, 2, 3, 4].map(() => shop.db.tx((tx) => resumeMailing(tx, id))))
    expect(resumed.filter(Boolean)).toHaveLength(1)

    expect(await mail.over(id)).toMatchObject({ total: 200, sent: 200, uncertain: 0 })
    const seen = await mail.copies()
    for (let person = first; person < first + 200; person++) expect(seen.get(person)).toBe(1)

    const late = 55_000
    await mail.crowd(200, late)
    await holdAfter20()
    const stopped = await mail.begin('cut short', late)
    await eventually(async () => ((await readMailing(shop.db, stopped))?.sent ?? 0) > 10)
    await shop.db.tx((tx) => cancelMailing(tx, stopped))
    await goOn()
    await eventually(async () => !(await mail.states(stopped)).some(({ state }) => state === 'sending'))
    // Nobody knows the outcome of a call that took longer than its client waits.
    const { sent, uncertain } = (await readMailing(shop.db, stopped))!
    expect(sent + uncertain).toBeLessThan(200)
    const reached = [...(await mail.copies())].filter(([person]) => person >= late && person < late + 200)
    expect(reached).toHaveLength(sent + uncertain)
    expect(await shop.db.tx((tx) => resumeMailing(tx, stopped))).toBe(false)
  })

  test('F49 another bot gets the picture uploaded once, and its own file id for every later time', async () => {
    const first = 60_000
    await mail.crowd(3, first, 'second')
    await shop.say(OWNER, '/start', 1)
    await shop.sees(OWNER, 'Balance', 1)
    await mail.write()
    await shop.send(OWNER, { photo: PIXELS[0], caption: 'A picture' })
    await shop.sees(OWNER, 'all languages: photo')
    await shop.press(OWNER, 'To whom')
    await shop.press(OWNER, '▫️ second')
    await shop.press(OWNER, '☑️ main')
    await shop.press(OWNER, 'Tag: —')
    await shop.say(OWNER, `t${first}`)
    await shop.sees(OWNER, 'That is 3 customers now')
    await shop.press(OWNER, 'Back')
    await shop.press(OWNER, 'Start for 3')
    await shop.sees(OWNER, 'Sent 3 of 3 in')
    expect((await shop.last(first, 1))?.caption).toBe('A picture')
    expect(await shop.calls('sendPhoto', 1)).toHaveLength(1)
    const [kept] = await shop.db.rows(q<{ bot: string }>`select bot from bot_files`)
    expect(kept).toEqual({ bot: 'second' })

    // Another mailing has the same picture, and the second bot has not uploaded the picture for this one.
    const { contents } = await mail.newest('done')
    const { main } = contents['']!.sources
    const again = { ...contents['']!, sources: { main: main! } }
    await mail.over(await mail.begin({ '': again }, first, { bots: ['second'] }))
    const photos = (await shop.calls('sendPhoto', 1)).map(({ params }) =>
      String(params['photo']).startsWith('attach://'),
    )
    expect(photos).toEqual([true, false])
    expect((await mail.copies('copyMessage', 1)).get(first)).toBe(2)
  })

  test('a mailing that was sent is edited, and then deleted, in every chat', async () => {
    const first = 70_000
    await mail.crowd(5, first)
    const id = await mail.begin('misspelt', first)
    await mail.over(id)
    await mail.edit(id)
    await shop.say(OWNER, 'well spelt')
    await shop.press(OWNER, 'Edit for 5')
    await shop.sees(OWNER, 'The edit is done')
    expect((await shop.last(first))?.text).toBe('well spelt')
    await mail.deleteEverywhere(id)
    expect(await mail.newest('done')).toMatchObject({ action: 'delete', total: 5, sent: 5 })
    expect(await shop.messages(first)).toEqual([])
  })

  test('leaves out those who want no mailings', async () => {
    const first = 80_000
    await mail.crowd(3, first)
    await shop.db.rows(q`update bot_sessions set mailings_off_at = now() where person_id = ${first}`)
    const id = await mail.begin('for the willing', first)
    expect(await mail.over(id)).toMatchObject({ total: 2, sent: 2 })
  })

  test('starts as its admin saw it: what another admin changed meanwhile is shown first', async () => {
    const first = 90_000
    await mail.crowd(3, first)
    await mail.write()
    await shop.say(OWNER, 'the words that were agreed to')
    await shop.press(OWNER, 'To whom')
    await shop.press(OWNER, 'Tag: —')
    await shop.say(OWNER, `t${first}`)
    await shop.sees(OWNER, 'That is 3 customers now')
    await shop.press(OWNER, 'Back')
    await shop.sees(OWNER, '3 recipients')
    const { id, contents } = await mail.newest('draft')
    await editDraft(shop.db, id, { contents: { '': { ...contents['']!, text: 'other words' } } })
    const { text } = await shop.press(OWNER, 'Start for 3')
    expect(text).toMatch(/draft has changed since/)
    expect((await readMailing(shop.db, id))!.state).toBe('draft')
    await shop.press(OWNER, 'Start for 3')
    expect(await mail.over(id)).toMatchObject({ sent: 3 })
  })

  test('to a hundred people asks once more, with their number, before it starts', async () => {
    const first = 970_000
    await mail.crowd(100, first)
    const id = await mail.draft('to all of you', first)
    await mail.open(id)
    await shop.press(OWNER, 'Start for 100')
    await shop.sees(OWNER, 'a lot of recipients: 100')
    expect((await readMailing(shop.db, id))!.state).toBe('draft')
    await shop.press(OWNER, 'Back')
    await shop.press(OWNER, 'Start for 100')
    await shop.press(OWNER, 'Yes, checked: 100')
    await eventually(async () => (await readMailing(shop.db, id))!.state !== 'draft', { what: 'the start' })
    await cancelMailing(shop.db, id)
  })

  test('of a bot with many people says about how many get it while it is written, and their number before it starts', async () => {
    const first = 975_000
    await mail.crowd(3, first)
    const id = await mail.draft('to a few of many', first)
    const others = q`generate_series(9000000, 9021000)`
    await shop.db.rows(q`insert into persons (id) select ${others}`)
    await shop.db.rows(q`insert into bot_sessions (bot, person_id) select 'main', ${others}`)
    await mail.open(id)
    await shop.sees(OWNER, /Counted in a sample/)
    await shop.press(OWNER, /^Start$/)
    await shop.press(OWNER, 'Yes, checked: 3')
    expect(await mail.over(id)).toMatchObject({ sent: 3 })
    expect((await shop.audits('broadcast.start')).at(-1)!.details).toMatchObject({ people: 3 })
    await shop.db.rows(q`update bot_sessions set start_param = ${`t${first}`} where person_id >= 9000000`)
    await mail.open(await mail.draft('to many', first))
    await shop.sees(OWNER, /about 2\d,000 recipients[^]*most likely within \d+ of this/)
    await shop.db.rows(q`delete from bot_sessions where person_id >= 9000000`)
  })

  test('is shown to its admin with every button that people will see', async () => {
    await mail.write()
    await shop.say(OWNER, 'look at me')
    await shop.press(OWNER, 'Opt-out button')
    await shop.press(OWNER, 'Show it to me')
    const shown = await eventually(async () =>
      (await shop.messages(OWNER)).findLast(({ text, from }) => from === 'bot' && text === 'look at me'),
    )
    expect(shown.inline_keyboard?.flat().map((key) => key.text)).toEqual(['No more mailings'])
  })

  test('leaves out who got the last mailing, also if it was edited since or perhaps not received; a draft does not count as the last', async () => {
    const first = 95_000
    await mail.crowd(6, first)
    const last = await mail.begin('the last one', first)
    await mail.over(last)
    const states = ['sent', 'edited', 'uncertain', 'resent', 'failed', 'blocked']
    for (const [at, state] of states.entries())
      await shop.db.rows(q`
        update broadcast_recipients set state = ${state} where broadcast_id = ${last} and person_id = ${first + at}`)
    // These are newer, and still not the last mailing that people got: the uncertain ones of a mailing sent once
    // more, and a draft that was thrown away.
    const again = await mail.begin('for a few', first + 100)
    await mail.over(again)
    await shop.db.rows(q`update broadcasts set parent_id = ${last} where id = ${again}`)
    await shop.db.tx(async (tx) => cancelMailing(tx, await mail.draft('never sent', first)))
    await mail.write()
    await shop.say(OWNER, 'for the others')
    await shop.press(OWNER, 'To whom')
    await shop.press(OWNER, 'Tag: —')
    await shop.say(OWNER, `t${first}`)
    await shop.sees(OWNER, 'That is 6 customers now')
    await shop.press(OWNER, 'Except the last mailing')
    await shop.sees(OWNER, 'That is 2 customers now')
  })

  describe('an album', () => {
    const first = 97_000
    let id = ''

    test('F44 arrives as one album, and one without an answer is uncertain and not repeated', async () => {
      await mail.crowd(4, first)
      await mail.fault('copyMessages', first + 1, { drop: 'after' })
      await mail.write()
      await mail.album([undefined, 'Autumn', undefined], 'autumn')
      await eventually(async () => (await mail.newest('draft')).contents['']?.media.length === 3)
      await mail.aim(first)
      const { id: drafted } = await mail.newest('draft')
      id = drafted
      await mail.open(id)
      const page = await shop.sees(OWNER, 'album of 3')
      const keys = page.inline_keyboard!.flat().map(({ text }) => text)
      expect(keys.some((text) => /Paid|Buttons/.test(text))).toBe(false)
      await shop.press(OWNER, 'Start for 4')
      expect(await mail.over(id)).toMatchObject({ total: 4, sent: 3, uncertain: 1, failed: 0 })
      for (let person = first; person < first + 4; person++) {
        const parts = await mail.inbox(person)
        expect(parts.map(({ caption }) => caption)).toEqual([undefined, 'Autumn', undefined])
        expect(new Set(parts.map(({ media_group_id: group }) => group)).size).toBe(1)
        expect(parts[0]!.media_group_id).toBeTruthy()
      }
      expect((await mail.copies('copyMessages')).get(first + 1)).toBe(1)
      const rows = await shop.db.rows(q<{ ids: number[] | null }>`
        select message_ids as ids from broadcast_recipients where broadcast_id = ${id} order by number`)
      expect(rows.filter(({ ids }) => ids?.length === 3)).toHaveLength(3)
    })

    test('takes a new caption where the old one was', async () => {
      await mail.edit(id)
      await shop.say(OWNER, 'Winter')
      await shop.press(OWNER, 'Edit for 3')
      await shop.sees(OWNER, 'The edit is done: 3 of 4')
      expect((await mail.inbox(first)).map(({ caption }) => caption)).toEqual([
        undefined,
        'Winter',
        undefined,
      ])
      expect((await mail.inbox(first + 1)).map(({ caption }) => caption)).toEqual([
        undefined,
        'Autumn',
        undefined,
      ])
    })

    test('takes as many new pictures as it has, and no other number', async () => {
      const before = await mail.inbox(first)
      await mail.edit(id)
      await mail.album(['Too few', undefined], 'few')
      await eventually(async () => (await mail.newest('draft')).contents['']?.media.length === 2)
      const { text } = await shop.press(OWNER, 'Edit for 3')
      expect(text).toMatch(/has 3 parts/)
      await shop.press(OWNER, 'Rewrite')
      await shop.sees(OWNER, 'Send a message or an album')
      await mail.album(['Spring', undefined, undefined], 'spring', 1)
      await eventually(async () => (await mail.newest('draft')).contents['']?.media.length === 3)
      await shop.press(OWNER, 'Edit for 3')
      const edit = await mail.newest('done')
      expect(edit).toMatchObject({ action: 'edit', sent: 3, failed: 0 })
      const after = await mail.inbox(first)
      expect(after.map(({ caption }) => caption)).toEqual(['Spring', undefined, undefined])
      expect(after.map(({ message_id: part }) => part)).toEqual(before.map(({ message_id: part }) => part))
      expect(after[0]!.photo!.url).not.toBe(before[0]!.photo!.url)
    })

    test('is deleted everywhere with all its parts', async () => {
      await mail.deleteEverywhere(id)
      expect(await mail.newest('done')).toMatchObject({ action: 'delete', sent: 3 })
      expect(await mail.inbox(first)).toEqual([])
      // Nobody knows the numbers of messages that may have arrived without an answer.
      expect(await mail.inbox(first + 1)).toHaveLength(3)
    })
  })
})
