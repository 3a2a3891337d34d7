import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSettings } from '#shared/settings/settings.ts'
import {
  confirmAdjustment,
  decideAdjustment,
  draftAdjustment,
  waitingAdjustments,
} from '#shop/admin/adjustments.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { newId } from '#shared/ids.ts'
import { tellOwners } from '#shop/admin/worker/admin-digest.ts'
import { openAdminShop, OWNER, SECOND } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'

const ANNA = 100
const STRANGER = 101

let shop: AdminShop
beforeAll(async () => {
  if (redisAvailable()) shop = await openAdminShop({ workers: ['bot'], gateway: true })
})
afterAll(() => shop?.close())

describe.skipIf(!redisAvailable())('the menu of commands of an admin', () => {
  const menu = async (id: number) => {
    const token = (JSON.parse(shop.env['BOTS']!) as { token: string }[])[0]!.token
    const response = await fetch(`${shop.telegram.url}/bot${token}/getMyCommands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ scope: { type: 'chat', chat_id: id } }),
    })
    const { result } = (await response.json()) as { result: { command: string; description: string }[] }
    return result
  }
  const commands = async (id: number) => (await menu(id)).map(({ command }) => command)

  test('has what their role may use before what everybody has, in their language', async () => {
    await shop.say(OWNER, '/admin')
    await shop.sees(OWNER, 'Administration')
    const owners = await eventually(async () => {
      const list = await commands(OWNER)
      return list.length > 0 ? list : undefined
    })
    expect(owners.slice(0, 3)).toEqual(['admin', 'panel', 'find'])
    expect(owners).toEqual(expect.arrayContaining(['wording', 'broadcast', 'start', 'buy', 'topup']))
    expect((await menu(OWNER))[0]!.description).toBe('Run the shop')
  })

  test('comes with a role, follows it, and goes when the role is lost; a customer has none', async () => {
    await shop.say(SECOND, '/start')
    await shop.sees(SECOND, /./)
    expect(await commands(SECOND)).toEqual([])
    const give = (role: string) =>
      shop.db.rows(q`
      insert into admins (bot, person_id, role, added_by) values ('main', ${SECOND}, ${role}, ${OWNER})
      on conflict (bot, person_id) do update set role = excluded.role`)
    await give('support')
    await shop.say(SECOND, '/balance')
    const has = (check: (list: string[]) => boolean) =>
      eventually(async () => {
        const list = await commands(SECOND)
        return check(list) ? list : undefined
      })
    expect(await has((list) => list.includes('admin'))).not.toContain('broadcast')
    await give('admin')
    await shop.say(SECOND, '/balance')
    await has((list) => list.includes('broadcast') && !list.includes('wording'))
    await shop.db.rows(q`delete from admins where bot = 'main' and person_id = ${SECOND}`)
    await shop.say(SECOND, '/balance')
    await has((list) => list.length === 0)
  })
})

describe.skipIf(!redisAvailable())('corrections of money by admins', () => {
  beforeAll(async () => {
    await shop.person(ANNA, 'Anna <b>', { username: 'anna_shop', last_name: '=HYPERLINK("x")' })
    await shop.person(STRANGER, 'Stranger')
    for (const id of [OWNER, SECOND, ANNA, STRANGER]) await shop.say(id, '/start')
    for (const id of [OWNER, SECOND, ANNA, STRANGER]) await shop.sees(id, 'Balance')
  })

  test('credits by a step after a reason and a confirmation that names sum, person, before and after', async () => {
    await shop.say(OWNER, `/find ${ANNA}`)
    await shop.press(OWNER, 'Credit')
    await shop.press(OWNER, '+50')
    await shop.sees(OWNER, 'For what reason')
    await shop.press(OWNER, 'Compensation')
    const confirm = await shop.sees(OWNER, 'After: 50 tokens')
    expect(confirm.text).toMatch(/Anna.*100/)
    expect(await shop.money(ANNA)).toBe(0n)
    const yes = confirm.inline_keyboard!.flat()[0]!
    const [one, two] = await Promise.all([
      shop.pressData(OWNER, confirm.message_id, yes.callback_data!),
      shop.pressData(OWNER, confirm.message_id, yes.callback_data!),
    ])
    expect([one.answered, two.answered]).toEqual([true, true])
    expect(await shop.money(ANNA)).toBe(50n)
    await shop.sees(ANNA, 'Credited: 50 tokens')
    expect(await shop.audits('adjustment')).toMatchObject([
      { actor: 1n, target: 'person 100', details: { amount: '50', reason: 'Compensation' } },
    ])
  })

  test('debits a typed sum, and refuses one that the balance does not hold', async () => {
    await shop.say(OWNER, `/find ${ANNA}`)
    await shop.press(OWNER, 'Debit')
    await shop.sees(OWNER, 'How much to debit')
    await shop.say(OWNER, '20')
    await shop.sees(OWNER, 'For what reason')
    await shop.say(OWNER, 'bought <twice>')
    await shop.sees(OWNER, 'After: 30 tokens')
    await shop.press(OWNER, 'Debit 20')
    expect(await shop.money(ANNA)).toBe(30n)
    await shop.sees(ANNA, 'Reason: bought <twice>')
    await shop.say(OWNER, `/adjust ${ANNA} -31 too much`)
    await shop.sees(OWNER, 'balance is smaller than that')
    // The dialogue says so before it asks for a reason and for a second admin.
    await shop.say(OWNER, `/find ${ANNA}`)
    await shop.press(OWNER, 'Debit')
    await shop.say(OWNER, '90000')
    await shop.sees(OWNER, 'Debit no more than it holds')
    expect(await shop.money(ANNA)).toBe(30n)
  })

  test('/adjust does what it says at once, in any asset, once per message', async () => {
    await shop.say(OWNER, '/adjust @anna_shop 99,50 RUB thanks for patience')
    await shop.sees(OWNER, 'thanks for patience')
    expect(await shop.money(ANNA, 'RUB')).toBe(9950n)
    const updates = await shop.control<{ ok: boolean }>('POST', '/updates', {
      bot: 'main_bot',
      repeat: (
        await shop.db.rows(
          q<{ id: number }>`select max(update_id)::int as id from handled_updates where bot = 'main'`,
        )
      )[0]!.id,
      times: 2,
    })
    expect(updates).toBeTruthy()
    await shop.say(OWNER, '/adjust nonsense')
    await shop.sees(OWNER, '/adjust id amount reason')
    expect(await shop.money(ANNA, 'RUB')).toBe(9950n)
  })

  test('F62 a typed sum that reads two ways is asked about, and the pressed reading goes on', async () => {
    await shop.say(OWNER, `/adjust ${ANNA} 1.000 RUB thanks`)
    await shop.sees(OWNER, '“1.000” reads two ways: 1 or 1000')
    await shop.say(OWNER, `/find ${ANNA}`)
    await shop.press(OWNER, 'Credit')
    await shop.sees(OWNER, 'How much to credit')
    await shop.say(OWNER, '1,000')
    const asked = await shop.sees(OWNER, '“1,000” reads two ways. Which')
    expect(asked.inline_keyboard!.flat().map(({ text }) => text)).toEqual(['1 token', '1,000 tokens'])
    const key = asked.inline_keyboard!.flat()[1]!
    await shop.press(OWNER, '1,000 tokens')
    await shop.sees(OWNER, '+1,000 tokens')
    const again = await shop.pressData(OWNER, asked.message_id, key.callback_data!)
    expect(again.text).toMatch(/out of date/)
    // The same holds inside of several lines, and for a question of another room.
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, 'Settings')
    await shop.press(OWNER, /^🛡 Limits$/)
    await shop.press(OWNER, 'Restored payments a day')
    await shop.press(OWNER, 'Change for all bots')
    await shop.sees(OWNER, 'Now:')
    await shop.say(OWNER, 'TON 31.000, RUB 1.000, USD 2.000')
    await shop.sees(OWNER, '“1.000” reads two ways. Which')
    await shop.press(OWNER, '₽1,000')
    await shop.sees(OWNER, '“2.000” reads two ways. Which')
    await shop.press(OWNER, '$2')
    await shop.sees(OWNER, 'After: 31 TON · ₽1,000 · $2')
  })

  test('/adjust moves no money for the mere beginning of a name, and none without a reason', async () => {
    // 2^63 is no id that anybody can have.
    for (const who of ['@anna_sho', '@anna', 'Anna', '9223372036854775808']) {
      await shop.say(OWNER, `/adjust ${who} 77 gift`)
      await shop.sees(OWNER, `There is no “${who}”`)
    }
    await shop.say(OWNER, `/adjust ${ANNA} 77 EUR`)
    await shop.sees(OWNER, '/adjust id amount reason')
    expect([await shop.money(ANNA), await shop.money(ANNA, 'EUR')]).toEqual([30n, 0n])
    await shop.say(OWNER, `/adjust ${ANNA} 5 eur for a coffee`)
    await shop.sees(OWNER, 'for a coffee')
    expect([await shop.money(ANNA), await shop.money(ANNA, 'EUR')]).toEqual([30n, 500n])
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, 'Audit log')
    await shop.sees(
      OWNER,
      new RegExp(`Olga · made a correction · customer ${ANNA}\\s+\\+€5(\\.00)?, «for a coffee»\\n`),
    )
  })

  test('F75 a large correction waits for a second admin, whom the first cannot replace', async () => {
    await shop.say(OWNER, `/adjust ${ANNA} 5000 large gift`)
    await shop.sees(OWNER, 'above your limit')
    expect(await shop.money(ANNA)).toBe(30n)
    await shop.say(OWNER, '/admin')
    await shop.sees(OWNER, '1 correction waits')
    await shop.press(OWNER, /To approve · 1/)
    await shop.press(OWNER, 'large gift')
    const alone = await shop.sees(OWNER, 'no second admin')
    expect(alone.inline_keyboard!.flat().map(({ text }) => text)).not.toContain('Approve')
    // No key for it is drawn, and a made-up press does nothing either.
    const app = {
      db: shop.db,
      config: shop.config,
      bots: new Map(),
      settings: createSettings(shop.db, shop.config),
    }
    const [waiting] = await waitingAdjustments(shop.db, ['main'])
    const told = await shop.db.rows(
      q`select 1 from alerts where key = ${`adjustment-waiting-${waiting!.id}`}`,
    )
    expect(told).toHaveLength(1)
    // No correction waits for a second admin who does not exist, because nobody would be called.
    const unheard = { ...waiting!, id: newId() }
    await draftAdjustment(shop.db, unheard)
    const cut = () => Promise.reject(new Error('killed here'))
    await expect(confirmAdjustment(app, unheard.id, BigInt(OWNER), 'main', cut)).rejects.toThrow('killed')
    expect((await waitingAdjustments(shop.db, ['main'])).map(({ id }) => id)).toEqual([waiting!.id])
    await expect(decideAdjustment(app, waiting!.id, BigInt(OWNER), 'main', 'approve')).rejects.toMatchObject({
      code: 'admin.two-people',
    })
    expect(await shop.money(ANNA)).toBe(30n)

    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, 'Roles')
    await shop.press(OWNER, 'Appoint')
    await shop.say(OWNER, String(SECOND))
    const asked = await shop.sees(OWNER, 'Role now: no role')
    expect(asked.text).toContain('Sergey')
    await shop.press(OWNER, /^admin$/)
    // The confirmation is the owner's own, and nothing is given before the yes.
    await shop.sees(OWNER, /Before: no role[\s\S]*After: admin/)
    expect(await shop.db.rows(q`select 1 from admins where person_id = ${SECOND} and bot = 'main'`)).toEqual(
      [],
    )
    await shop.press(OWNER, 'Save')
    await shop.say(SECOND, '/admin')
    await shop.press(SECOND, /To approve · 1/)
    await shop.press(SECOND, 'large gift')
    await shop.press(SECOND, 'Approve')
    expect(await shop.money(ANNA)).toBe(5030n)
    expect((await shop.audits('adjustment')).at(-1)).toMatchObject({
      actor: 2n,
      details: { askedBy: '1', amount: '5000' },
    })
  })

  test('F75 one admin cannot credit more than the day allows, by many small sums either', async () => {
    await shop.db.tx((tx) =>
      tx.rows(q`insert into settings (bot, key, value) values ('', 'credits-per-day', '{"TOK": "500"}')`),
    )
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    await shop.say(SECOND, `/adjust ${STRANGER} 400 first`)
    await shop.sees(SECOND, 'After: 400')
    await shop.say(SECOND, `/adjust ${STRANGER} 101 second`)
    await shop.sees(SECOND, 'more than one admin may credit in a day')
    await shop.say(SECOND, `/adjust ${STRANGER} 100 third`)
    await shop.sees(SECOND, 'After: 500')
    expect(await shop.money(STRANGER)).toBe(500n)

    // Several replicas decide at the same moment: sums that fit one by one do not fit together.
    const app = {
      db: shop.db,
      config: shop.config,
      bots: new Map(),
      settings: createSettings(shop.db, shop.config),
    }
    const greedy = 900n
    const nobody = async () => {}
    const drafts = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        draftAdjustment(shop.db, {
          id: newId(),
          bot: 'main',
          personId: BigInt(STRANGER),
          asset: 'TOK',
          amount: 300n,
          reason: `race ${n}`,
          createdBy: greedy,
        }),
      ),
    )
    const raced = await Promise.allSettled(
      drafts.map(({ id }) => confirmAdjustment(app, id, greedy, 'main', nobody)),
    )
    expect(raced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await shop.money(STRANGER)).toBe(800n)
  })

  test('a role that was taken away or does not reach stops buttons, typed texts and commands at once', async () => {
    await shop.say(SECOND, `/find ${ANNA}`)
    await shop.press(SECOND, 'Credit')
    await shop.sees(SECOND, 'How much to credit')
    await shop.db.rows(q`update admins set role = 'read-only' where person_id = ${SECOND}`)
    await shop.say(SECOND, '10')
    await shop.sees(SECOND, 'role does not allow')
    const { text } = await shop.press(SECOND, '+10')
    expect(text).toMatch(/role does not allow/)
    await shop.say(SECOND, '/admin')
    const panel = await shop.sees(SECOND, 'read-only')
    expect(panel.inline_keyboard!.flat().map((key) => key.text)).not.toContain('⚙️ Settings')
    await shop.db.rows(q`delete from admins where person_id = ${SECOND}`)
    await shop.press(SECOND, 'Find').then(({ text: alert }) => expect(alert).toMatch(/out of date/))
    expect(await shop.money(ANNA)).toBe(5030n)
  })

  test('F75 owners read once a day what every admin did and how much they credited', async () => {
    const bots = new Map([['main', { name: 'main', admins: [BigInt(OWNER)] }]]) as never
    const app = { db: shop.db, bots, texts: loadTexts(), settings: createSettings(shop.db, shop.config) }
    await tellOwners(app)
    await tellOwners(app)
    await shop.sees(OWNER, /What admins did/)
    const told = (await shop.messages(OWNER)).filter(({ text }) => text?.includes('What admins did'))
    expect(told).toHaveLength(1)
    expect(told[0]?.text).toMatch(/Olga \(1\) · made a correction: \d+/)
    expect(told[0]?.text).toMatch(/Olga \(1\) · credited [\d,]+\stokens, debited 20\stokens/)
    // Nothing is escaped twice, and no word of the code is left.
    expect(told[0]?.text).not.toMatch(/<|&|[a-z]+\.[a-z]+ ·|TOK|RUB/)
  })
})
