import { sql as q } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { setRole } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'
import { openPanelOf } from '../lib/panel.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { ADMIN, openShop } from '../lib/shop.ts'

describe.skipIf(!redisAvailable())('the sections of the panel', () => {
  let shop: Awaited<ReturnType<typeof openShop>>
  /** Owner of every bot by the settings of the deployment, who has said in the chat that it is they. */
  let owner: Awaited<ReturnType<typeof openPanelOf>>
  beforeAll(async () => {
    shop = await openShop({ env: { PUBLIC_URL: 'https://shop.example' }, workers: ['bot'] })
    const me = await shop.person({ id: ADMIN, first_name: 'Olga', username: 'olga' })
    await me.start()
    owner = await openPanelOf(shop.url, me)
    await owner.confirm()
  })

  async function panelOf(role: Role, bot: 'main' | 'second' = 'main') {
    const person = await shop.person({ bot: `${bot}_bot` })
    await person.start()
    await person.key(/./)
    await shop.db.tx((tx) => setRole(tx, { bot, personId: BigInt(person.id), role, by: BigInt(ADMIN) }))
    return { id: person.id, ...(await openPanelOf(shop.url, person)) }
  }
  const refused = (status: number, code: string) => ({
    status,
    type: expect.stringContaining('application/problem+json'),
    body: { status, code, detail: expect.any(String) },
  })

  test('a setting is changed for one bot after a look at what will change, read with its history, and undone', async () => {
    const at = '/settings/stars-per-token'
    const [before] = (await owner.get(at)).body['places'].filter(
      ({ scope }: { scope: string }) => scope === 'own',
    )
    expect(before).toMatchObject({ isSet: false, may: true, seen: 0, history: [], undo: null })
    const looked = await owner.post(`${at}/check`, { scope: 'own', text: '7' })
    expect(looked.body).toEqual({ before: '5', after: '7' })
    const save = { scope: 'own', text: '7', seen: 0 }
    const [one, other] = await Promise.all([owner.post(`${at}/save`, save), owner.post(`${at}/save`, save)])
    expect([one.status, other.status].toSorted((a, b) => a - b)).toEqual([200, 422])
    const changed = (await owner.get(at)).body
    expect(changed).toMatchObject({ now: { value: '7', origin: 'bot' }, byDefault: '5' })
    const own = changed['places'].find(({ scope }: { scope: string }) => scope === 'own')
    expect(own).toMatchObject({ isSet: true, seen: 1, undo: { before: '7', after: 'as in all bots' } })
    expect(own.history).toMatchObject([{ before: 'as in all bots', after: '7', by: 'Olga @olga' }])
    // Nobody undoes what they have not seen.
    expect(await owner.post(`${at}/undo`, { scope: 'own', seen: 0 })).toMatchObject(
      refused(422, 'setting.changed'),
    )
    expect((await owner.post(`${at}/undo`, { scope: 'own', seen: 1 })).status).toBe(200)
    expect((await owner.get(at)).body['now']).toMatchObject({ value: '5', origin: 'default' })
    const lines = await shop.db.rows(q`
      select action, bot, details ->> 'way' as way from audit_log where target = 'setting stars-per-token' order by id`)
    expect(lines).toEqual([
      { action: 'setting', bot: 'main', way: 'panel' },
      { action: 'setting.undone', bot: 'main', way: 'panel' },
    ])
  })

  test('what does not fit, does not go together or has no such place is refused in words before and at the change', async () => {
    const wrong: [key: string, body: Record<string, unknown>, status: number, code: string][] = [
      ['stars-per-token', { scope: 'own', text: 'seven' }, 422, 'setting.invalid'],
      ['stars-per-token', { scope: 'own', text: '1' }, 422, 'setting.round-trip'],
      ['stars-per-token', { scope: 'own', text: '9999' }, 422, 'setting.invoice'],
      ['price-buy-rub', { scope: 'own', text: '1,500' }, 422, 'amount.unclear'],
      ['premium-prices', { scope: 'all', text: '5 1500' }, 422, 'setting.invalid'],
      ['payments-manual-requisites', { scope: 'own', text: 'x' }, 422, 'setting.invalid'],
      ['gains-above', { scope: 'own', text: '5' }, 404, 'admin.not-found'],
      ['nothing', { scope: 'own', text: '5' }, 404, 'admin.not-found'],
      ['stars-per-token', { scope: 'both', text: '5' }, 400, 'web.request'],
      ['stars-per-token', { scope: 'own', text: 5 }, 400, 'web.request'],
    ]
    const places = (await owner.get('/settings/stars-per-token')).body['places']
    const { seen } = places.find(({ scope }: { scope: string }) => scope === 'own')
    for (const [key, body, status, code] of wrong)
      for (const act of ['check', 'save'])
        expect(await owner.post(`/settings/${key}/${act}`, { ...body, seen }), `${key} ${act}`).toMatchObject(
          refused(status, code),
        )
    expect(
      await owner.post('/settings/stars-per-token/save', { scope: 'own', text: '7', seen: -1 }),
    ).toMatchObject(refused(400, 'web.request'))
  })

  test('F83 an owner of one bot changes it there after a word in the chat, for all bots never, and an admin only looks', async () => {
    const second = await panelOf('owner', 'second')
    const save = (scope: string) =>
      second.post('/settings/display-currency/save', { scope, text: 'eur', seen: 0 })
    expect(await save('own')).toMatchObject(refused(403, 'panel.confirm'))
    await second.confirm()
    expect(await save('all')).toMatchObject(refused(403, 'setting.all-bots'))
    expect((await save('own')).status).toBe(200)
    const theirs = (await second.get('/settings/display-currency')).body
    expect(theirs).toMatchObject({
      now: { value: 'EUR' },
      places: [
        { scope: 'all', may: false, why: expect.stringContaining('all bots') },
        { scope: 'own', may: true },
      ],
    })
    expect((await owner.get('/settings/display-currency')).body['now']).toMatchObject({ origin: 'default' })
    const looker = await panelOf('admin')
    const seen = (await looker.get('/settings/display-currency')).body
    expect(seen['places'].map(({ may }: { may: boolean }) => may)).toEqual([false, false])
    const all = (await looker.get('/settings')).body['groups'].flatMap(
      ({ settings }: { settings: { key: string }[] }) => settings.map(({ key }) => key),
    )
    expect(all).toEqual(expect.arrayContaining(['star-price', 'payments-manual-requisites', 'texts']))
  })
})
