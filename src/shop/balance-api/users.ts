import { sql as q } from 'kysely'
import { z } from 'zod'
import { progressOf } from '#shop/loyalty/levels/progress.ts'
import { levelBase } from '#shop/loyalty/levels/settings.ts'
import type { Badge } from '#shop/loyalty/levels/badges.ts'
import { unknownPerson } from './problem.ts'
import { defineRoute } from './route.ts'
import type { ApiContext } from './route.ts'
import { badge, moment, personParams, telegramId } from './schemas.ts'

const profile = z.object({
  telegramId,
  username: z.string().nullable(),
  firstName: z.string(),
  lastName: z.string().nullable(),
  language: z.string().nullable(),
  createdAt: moment,
  xp: z.int(),
  level: z.int(),
  nextLevelAt: z.int().meta({ description: 'XP at which the next level begins' }),
  badges: z.array(badge.extend({ givenAt: moment })),
  subscriptions: z.array(
    z.object({ type: z.string(), state: z.string(), renews: z.boolean(), expiresAt: moment }),
  ),
})

const changes = z.strictObject({
  username: z.string().max(64).nullable().optional(),
  firstName: z.string().max(256).optional(),
  lastName: z.string().max(256).nullable().optional(),
  language: z.string().max(35).nullable().optional(),
})

interface ProfileRow {
  username: string | null
  firstName: string
  lastName: string | null
  language: string | null
  createdAt: Date
  xp: bigint
  badges: (Badge & { givenAt: string })[]
  subscriptions: { type: string; state: string; renews: boolean; expiresAt: string }[]
}

async function readProfile(api: ApiContext, id: bigint): Promise<z.input<typeof profile>> {
  const base = await api.settings.get(levelBase)
  // By hand: the database makes a person with lists from two other tables.
  const [row] = await api.db.rows(q<ProfileRow>`
    select p.username, p.first_name as "firstName", p.last_name as "lastName", p.language, p.created_at as "createdAt",
      coalesce(g.xp, 0)::bigint as xp,
      coalesce((select jsonb_agg(jsonb_build_object('code', b.code, 'sign', b.sign, 'name', b.name,
          'description', b.description, 'givenAt', a.given_at) order by a.given_at, b.code)
        from badge_awards a join badges b on b.code = a.badge where a.person_id = p.id), '[]') as badges,
      coalesce((select jsonb_agg(jsonb_build_object('type', s.plan, 'state', s.state, 'renews', s.renews,
          'expiresAt', s.expires_at) order by s.expires_at desc)
        from subscriptions s where s.person_id = p.id and s.state <> 'ended'), '[]') as subscriptions
    from persons p left join progress g on g.person_id = p.id where p.id = ${id}`)
  if (!row) throw unknownPerson()
  const { xp, level, nextLevelAt } = progressOf(row.xp, base)
  const iso = (text: string) => new Date(text).toISOString()
  return {
    telegramId: String(id),
    username: row.username,
    firstName: row.firstName,
    lastName: row.lastName,
    language: row.language,
    createdAt: row.createdAt.toISOString(),
    xp,
    level,
    nextLevelAt,
    badges: row.badges.map((one) => ({ ...one, givenAt: iso(one.givenAt) })),
    subscriptions: row.subscriptions.map((one) => ({ ...one, expiresAt: iso(one.expiresAt) })),
  }
}

export const getUser = defineRoute({
  method: 'GET',
  path: '/v1/users/{telegramId}',
  name: 'getUser',
  summary: 'The profile of a person with level, XP, badges and subscriptions; 404 = we do not know them',
  scope: 'read',
  params: personParams,
  answers: { 200: { description: 'The person', schema: profile } },
  problems: { 404: 'There is no such person' },
  run: async ({ api, params }) => ({ status: 200, body: await readProfile(api, BigInt(params.telegramId)) }),
})

export const putUser = defineRoute({
  method: 'PUT',
  path: '/v1/users/{telegramId}',
  name: 'putUser',
  summary:
    'Creates the person or brings their names up to date; what is left out stays as it is, and so do the names of whoever opened another bot on Telegram',
  scope: 'write',
  params: personParams,
  body: changes,
  answers: {
    200: { description: 'The person as they are now', schema: profile },
    201: { description: 'The person was created', schema: profile },
  },
  async run({ api, key, params, body }) {
    const id = BigInt(params.telegramId)
    const given = (name: keyof typeof body) => body[name] !== undefined
    // A key may not change what Telegram told another bot about its own guest.
    const isOurs = q`not exists (
      select from bot_sessions s where s.person_id = p.id and not s.claimed and s.bot <> ${key.bot})`
    // By hand: one statement writes person and session, and each column only if the key's bot may change it.
    const [row] = await api.db.rows(q<{ fresh: boolean }>`
      with person as (
        insert into persons as p (id, username, first_name, last_name, language)
        values (${id}, ${body.username ?? null}, ${body.firstName ?? ''}, ${body.lastName ?? null}, ${body.language ?? null})
        on conflict (id) do update set
          username = case when ${given('username')} and ${isOurs} then excluded.username else p.username end,
          first_name = case when ${given('firstName')} and ${isOurs} then excluded.first_name else p.first_name end,
          last_name = case when ${given('lastName')} and ${isOurs} then excluded.last_name else p.last_name end,
          language = case when ${given('language')} and ${isOurs} then excluded.language else p.language end,
          updated_at = now()
        returning id, created_at = updated_at as fresh
      ), session as (
        insert into bot_sessions (bot, person_id, claimed) select ${key.bot}, id, true from person on conflict do nothing
      )
      select fresh from person`)
    return { status: row!.fresh ? 201 : 200, body: await readProfile(api, id) }
  },
})
