import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { UserError } from '#shared/errors.ts'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import { shorten } from '#shared/storable.ts'
import { byBot, panelList } from '../list.ts'
import { panelSql } from '../tables.ts'

/** People who came, with the bot, newest first. People known only from an API key did not come. */
export const peopleList = panelList({
  name: 'people',
  as: 'find',
  minimum: 'read-only',
  title: 'panel-people',
  columns: ['person', 'username', 'id', 'bot', 'since', 'seen', 'source', 'state'],
  filters: {
    bot: byBot,
    state: ({ t }) => ({
      title: t('panel-column-state'),
      options: [
        ['banned', t('panel-banned')],
        ['blocked', t('panel-blocked')],
      ],
    }),
    source: ({ t }) => ({ title: t('panel-column-source') }),
  },
  async read(admin, served, { state, source }, { after, limit }) {
    let found = panelSql
      .selectFrom('bot_sessions as s')
      .innerJoin('persons as p', 'p.id', 's.person_id')
      .select([
        's.bot',
        's.person_id as personId',
        's.created_at as since',
        's.last_seen_at as seen',
        's.start_param as source',
        's.blocked_at as blockedAt',
        'p.banned_at as bannedAt',
        'p.username',
        q<string>`concat_ws(' ', nullif(p.first_name, ''), p.last_name)`.as('name'),
      ])
      .where('s.claimed', '=', false)
      .where(among(q`s.bot`, served) as RawBuilder<boolean>)
    if (state === 'banned') found = found.where('p.banned_at', 'is not', null)
    if (state === 'blocked') found = found.where('s.blocked_at', 'is not', null)
    if (source !== undefined) found = found.where('s.start_param', '=', source)
    if (after !== undefined) found = found.where(beyond(after))
    // The banned are few among all people.
    if (state !== 'banned')
      found = found.where(
        q<boolean>`(s.bot, s.person_id) in (${newestSessions(served, { state, source, after, limit })})`,
      )
    const rows = await admin.app.db.reads.rows(
      found
        .orderBy('s.created_at', 'desc')
        .orderBy('s.person_id', 'desc')
        .orderBy('s.bot', 'desc')
        .limit(limit),
    )
    return {
      rows: rows.map((one) => ({
        id: `${one.personId} ${one.bot}`,
        opens: `person/${one.personId}`,
        cells: [
          shorten(one.name, 60) || String(one.personId),
          one.username ? `@${one.username}` : '',
          String(one.personId),
          one.bot,
          admin.time(one.since),
          admin.time(one.seen),
          one.source ?? '',
          [one.bannedAt && admin.t('panel-banned'), one.blockedAt && admin.t('panel-blocked')]
            .filter(Boolean)
            .join(', '),
        ],
      })),
    }
  },
})

/**
 * The newest sessions of each bot, merged. Walking down the times of all bots would also read the rows of other bots
 * and sources.
 */
function newestSessions(
  served: Served,
  {
    state,
    source,
    after,
    limit,
  }: { state?: string; source?: string; after: string | undefined; limit: number },
): RawBuilder<unknown> {
  const bots = served ? q`unnest(${[...served]}::text[])` : q`(select name from bots)`
  // People who blocked the bot and people who did not are in separate parts of the index.
  const isBlocked = state === 'blocked' ? [true] : [true, false]
  // By hand: one walk down an index for each bot, merged.
  return q`
    select n.bot, n.person_id from ${bots} b (bot) cross join unnest(${isBlocked}::boolean[]) p (is_blocked)
      cross join lateral (
      select s.bot, s.person_id, s.created_at from bot_sessions s
      where s.bot = b.bot and not s.claimed and (s.blocked_at is not null) = p.is_blocked
        and ${source === undefined ? q`true` : q`s.start_param = ${source}`} and ${after === undefined ? q`true` : beyond(after)}
      order by s.created_at desc, s.person_id desc limit ${limit}
    ) n
    order by n.created_at desc, n.person_id desc, n.bot desc limit ${limit}`
}

/** The first half finds the place in the index; the second tells two bots of one person at one moment apart. */
function beyond(after: string): RawBuilder<boolean> {
  const [, id, bot] = /^(\d{1,18}) (\S+)$/.exec(after) ?? []
  if (id === undefined || bot === undefined) throw new UserError('panel.filter')
  const row = q`from bot_sessions where person_id = ${id}::bigint and bot = ${bot}`
  return q`(s.created_at, s.person_id) <= (select created_at, person_id ${row})
    and (s.created_at, s.person_id, s.bot) < (select created_at, person_id, bot ${row})`
}
