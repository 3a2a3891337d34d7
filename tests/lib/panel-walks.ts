import { sql as q } from 'kysely'
import { expect } from 'vitest'
import { setRole } from '#shared/roles.ts'
import { secretsFrom } from '#shared/secrets.ts'
import type { FormAnswer } from '#shop/web/panel/form.ts'
import { panelRoutes } from '#shop/web/panel/routes.ts'
import { makeLink } from '#shop/web/panel/sessions.ts'
import type { Belongings } from './belongings.ts'
import { newKey, refused } from './mini-app.ts'
import { askPanel } from './panel.ts'
import { ADMIN } from './shop.ts'
import type { Shop } from './shop.ts'
import { fieldsOf, fieldThatFails, wrongFields } from './wrong-fields.ts'

/** Below what one person may ask in ten seconds, by as much as a route has fields. */
const BREATH = 90

/** An owner of one bot alone who has confirmed; a walk through all routes needs several, because requests are counted. */
async function walkerOf(shop: Shop) {
  const [bot, person] = ['main', await shop.person()]
  await person.start()
  await person.key(/./)
  const personId = BigInt(person.id)
  await shop.db.tx((tx) => setRole(tx, { bot, personId, role: 'owner', by: BigInt(ADMIN) }))
  const [code, key] = [
    await makeLink({ db: shop.db, secrets: secretsFrom(shop.config) }, { bot, personId }),
    newKey(),
  ]
  // The role came at the same moment as the link, so it is not newer than the session.
  await shop.db.rows(q`
    update admins a set added_at = l.created_at from panel_links l
    where l.person_id = a.person_id and a.person_id = ${person.id}`)
  const { cookie } = await askPanel(shop.url, undefined, 'POST', '/session', { code, key })
  expect((await askPanel(shop.url, cookie, 'GET', '/me')).body).toMatchObject({ role: 'owner' })
  await shop.db.rows(q`update panel_sessions set confirmed_at = now() where person_id = ${person.id}`)
  let asked = 0
  return {
    isTired: (more: number) => (asked += more) > BREATH,
    ask: (method: string, at: string, body?: unknown) => askPanel(shop.url, cookie, method, at, body),
  }
}

/** What acts of admins leave behind, whatever they are. */
export async function tracesOf(shop: Pick<Shop, 'db'>): Promise<unknown> {
  const [left] = await shop.db.rows(q`
    select (select max(id) from audit_log where action not in ('panel.opened', 'panel.file', 'role')) as acts,
      (select count(*) from broadcasts) as mailings, (select count(*) from shelf_items) as items,
      (select count(*) from promo_codes) as codes, (select count(*) from support_messages) as letters,
      (select count(*) from entries) as entries, (select count(*) from settings) as settings`)
  return left
}

const STRANGE = ['\0', '../../etc/passwd', "' or 1=1 --", 'я'.repeat(300)]
const SENSELESS = [[], { $ne: 1 }, ...STRANGE]

/** Asks for every page with values that make no sense. */
export async function walkPages(shop: Shop): Promise<void> {
  let one = await walkerOf(shop)
  for (const { method, path, input } of panelRoutes) {
    const fields = Object.keys(fieldsOf(input))
    // A file has the filters of its list, and an admin saves one file at a time.
    if (method !== 'GET' || fields.length === 0 || path.startsWith('/files/')) continue
    if (one.isTired(SENSELESS.length)) one = await walkerOf(shop)
    const ask = async (value: unknown) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      const at = path.replaceAll(/:\w+/g, encodeURIComponent(text))
      const query = new URLSearchParams(fields.map((field): [string, string] => [field, text]))
      const reply = await one.ask(method, `${at}?${query.toString()}`)
      const what = `${at} ${text}: ${JSON.stringify(reply.body)}`
      expect([reply.status < 500 && reply.status !== 429, what]).toEqual([true, what])
      if (reply.status !== 200)
        expect(reply, what).toMatchObject(refused(reply.status, reply.body['code'] as string))
    }
    await Promise.all(SENSELESS.map(ask))
  }
}

/**
 * Tries every field of every request of the panel with values of which its schema takes none.
 * @returns how many fields were sent
 */
export async function walkFields(shop: Shop): Promise<number> {
  let one = await walkerOf(shop)
  let tried = 0
  for (const { method, path, input, upload } of panelRoutes) {
    const wrong = wrongFields(input)
    for (const { field, value, body } of wrong)
      expect([path, fieldThatFails(input!, body), typeof value]).toEqual([path, field, typeof value])
    // Each field is sent once, each time with another value.
    const fields = Object.keys(fieldsOf(input))
    if (method === 'GET' || upload || fields.length === 0) continue
    if (one.isTired(fields.length)) one = await walkerOf(shop)
    const ask = async (field: string) => {
      tried += 1
      const values = wrong.filter((each) => each.field === field)
      expect(values.length, `${path} ${field}`).toBeGreaterThan(4)
      const { body } = values[tried % values.length]!
      const isInPath = path.includes(`:${field}`)
      const no = encodeURIComponent(STRANGE[tried % STRANGE.length]!)
      const at = path.replaceAll(/:(\w+)/g, (_, name) => (name === field ? no : (body[name] as string)))
      const reply = await one.ask(method, at, body)
      const { status, code } = reply.body
      expect([400, ...(isInPath ? [403, 404, 422] : [])], `${at} ${field}`).toContain(status)
      expect(reply, `${at} ${field}`).toMatchObject(refused(status as number, code as string))
      if (!isInPath) expect([path, reply.body['field']]).toEqual([path, field])
    }
    await Promise.all(fields.map(ask))
  }
  return tried
}

/** Values for the fields that a form leaves empty. */
const RIGHT: Record<string, string> = {
  sum: '5',
  reason: 'x',
  value: '10',
  code: 'WALK10',
  ru: 'Имя',
  en: 'Name',
  days: '30',
  price: '100 RUB',
  lines: 'one',
  content: 'x',
  words: 'x',
}
/** A form as a page sends it: what it shows, and what somebody types into its empty fields. */
function filledIn(shown: FormAnswer['fields'], person: number) {
  const all = Object.fromEntries(shown.map(({ name, value }) => [name, value || (RIGHT[name] ?? '')]))
  const sent = shown.filter(({ when }) => !when || when.is.includes(all[when.field] ?? ''))
  const right = Object.fromEntries(
    sent.map(({ name }) => [name, name === 'who' ? String(person) : all[name]!]),
  )
  return { right, titles: Object.fromEntries(shown.map(({ name, title }) => [name, title])) }
}
/** Fields that hold any words, are not shown beside the others, or only say what was seen. */
const FREE =
  'reason codes name code ru en ru-text en-text content words words-ru words-en to-tag to-nottag print'.split(
    ' ',
  )
/** Refusals that speak of the field without its name. */
const SPEAKS =
  'amount.invalid admin.no-person bot.not-yours promo.nowhere promo.bad-code item.asset item.not-of-kind item.bot broadcast.buttons broadcast.tag broadcast.time'.split(
    ' ',
  )

/**
 * Fills in every form as an owner of the main bot alone, and then each of its fields with the name of another owner's bot.
 * @param things what the forms are about
 * @returns how many fields were filled in wrongly
 */
export async function walkForms(shop: Shop, person: number, things: Belongings): Promise<number> {
  let one = await walkerOf(shop)
  let tried = 0
  const forms = panelRoutes.filter(({ path }) => path.endsWith('/check') && !path.startsWith('/settings/'))
  for (const { path, input } of forms) {
    const at = path.replace(/:\w+/, things[path.split('/')[1]!]!)
    const names = Object.keys(fieldsOf(input)).filter((name) => !path.includes(`:${name}`))
    if (one.isTired(names.length + 2)) one = await walkerOf(shop)
    const post = (body: object) => one.ask('POST', at, body)
    const { body: form } = await one.ask('GET', at.replace('/check', ''))
    const { right, titles } = filledIn((form['fields'] ?? []) as FormAnswer['fields'], person)
    const whole = await post(right)
    // What all bots share is not theirs, and the item is of one kind.
    if (!form['fields']) {
      expect(['setting.all-bots', 'admin.not-found'], JSON.stringify(form)).toContain(form['code'])
      continue
    }
    const isEmpty = ['panel.same', 'broadcast.nobody'].includes(whole.body['code'] as string)
    if (!isEmpty) expect([at, whole.body]).toEqual([at, { lines: expect.any(Array) }])
    const ask = async (name: string) => {
      tried += 1
      const { status, body } = await post({ ...right, [name]: 'second' })
      if (status === 200 && FREE.includes(name)) return
      expect([at, name, status < 500 && status >= 400]).toEqual([at, name, true])
      const isNamed =
        body['field'] === name ||
        body['detail'].includes(titles[name]) ||
        SPEAKS.includes(body['code'] as string)
      expect([at, name, body['code'], isNamed]).toEqual([at, name, body['code'], true])
    }
    await Promise.all(names.map(ask))
  }
  return tried
}
