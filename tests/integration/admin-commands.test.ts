import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAdminShop, OWNER, SECOND } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('the menu of commands of an admin', () => {
  let shop: AdminShop
  beforeAll(async () => {
    shop = await openAdminShop({ workers: ['bot'], gateway: true })
  })
  afterAll(() => shop.close())

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
    expect(owners.slice(0, 2)).toEqual(['admin', 'find'])
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
