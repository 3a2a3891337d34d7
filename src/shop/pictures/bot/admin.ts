import { picturesSql } from '../tables.ts'
import { ago } from '#shared/db/build.ts'
import { sql as q } from 'kysely'
import { explain } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { among } from '#shared/owners.ts'
import { providerName } from '#shared/reader.ts'
import { shortened } from '../cards.ts'
import { picturesOutOfOrder } from '../attention.ts'
import { pictureProviders } from '../catalogue.ts'
import { picturesPaused } from '../settings.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { keepSetting } from '#workers/bot/settings/setting-scope.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'

/**
 * Here admins see how pictures are doing, what failed and why, and what was refused. They can pause all pictures
 * here.
 */
export const pictureAdmin: Feature = {
  adminCommands: { images_admin: (chat) => showHome(chat) },
  adminButtons: {
    'pictures-admin': (chat) => showHome(chat),
    'pictures-pause': sure('pictures-pause', askPause, pause),
    'pictures-refused': showRefused,
  },
  formerly: { iad: 'pictures-admin', iadp: 'pictures-pause', iadr: 'pictures-refused' },
  minimumRole: { images_admin: 'read-only', 'pictures-admin': 'read-only', 'pictures-refused': 'read-only' },
  admin: {
    sections: [picturesOutOfOrder],
    health: creditLines,
  },
}

async function showHome(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const { db, settings } = chat.app
  const queued = q<boolean>`stage = 'queued'`
  const inHand = q<boolean>`stage in ('starting', 'drawing', 'ready')`
  const today = q<boolean>`finished_at > now() - interval '1 day'`
  const count = (which: typeof queued) => q<number>`count(*) filter (where ${which})::int`
  const [counts] = await db.rows(
    picturesSql
      .selectFrom('generations')
      .select([
        count(queued).as('queued'),
        count(q`stage in ('starting', 'drawing')`).as('running'),
        count(q`stage = 'ready'`).as('ready'),
        count(q`stage = 'done' and ${today}`).as('done'),
        count(q`stage in ('failed', 'late') and ${today}`).as('failed'),
      ])
      .where((is) => is.or([queued, inHand, today])),
  )
  const failures = await db.rows(
    picturesSql
      .selectFrom('generations')
      .select(['reason', q<number>`count(*)::int`.as('count')])
      .where('stage', 'in', ['failed', 'late'])
      .where('finished_at', '>', ago(1, 'day'))
      .groupBy('reason')
      .orderBy('count', 'desc')
      .limit(8),
  )
  const paused = await settings.get(picturesPaused)
  const state = chat.t(paused ? 'image-admin-paused' : 'image-admin-running')
  await show(chat, {
    text: [
      chat.t('image-admin', { state, ...counts! }),
      ...failures.map(({ reason, count }) =>
        chat.t('image-admin-failure', { reason: chat.t(`image-failure-${reason ?? 'failed'}`), count }),
      ),
      '',
      ...(await creditLines(chat)),
    ].join('\n'),
    keyboard: [
      [
        paused
          ? button(chat, chat.t('image-admin-resume'), ['pictures-pause', 'off'], 'success')
          : button(chat, chat.t('image-admin-pause'), ['pictures-pause', 'on'], 'danger'),
      ],
      [
        button(chat, chat.t('image-admin-models'), 'picture-offers'),
        button(chat, chat.t('image-admin-limits'), 'picture-limits'),
      ],
      [
        button(chat, chat.t('image-admin-words'), 'picture-words'),
        button(chat, chat.t('image-admin-refused'), 'pictures-refused'),
      ],
      back(chat, 'admin'),
    ],
  })
}

function creditLines(chat: Chat): Promise<string[]> {
  const providers = [...pictureProviders(chat.app.config).values()]
  return Promise.all(
    providers.map(async (provider) => {
      const name = providerName(chat, provider.name)
      const credits = await provider.credits().catch((error: unknown) => {
        chat.log.warn(
          { provider: provider.name, reason: explain(error) },
          'the credits at a picture provider could not be read',
        )
        return undefined
      })
      return credits === undefined
        ? chat.t('image-admin-credits-unknown', { provider: name })
        : chat.t('image-admin-credits', { provider: name, credits: String(credits) })
    }),
  )
}

async function askPause(chat: Chat, [to = '']: string[]): Promise<Question | undefined> {
  if (to !== 'on') return undefined
  const text = chat.t('image-admin-pause-ask')
  return { text, yes: chat.t('image-admin-pause-yes'), home: ['pictures-admin'] }
}

/**
 * Pauses pictures in all bots, because the bots share the providers' accounts: the admin needs the role in each of
 * them.
 */
async function pause(chat: Chat, [to = '']: string[]): Promise<void> {
  await keepSetting(chat, picturesPaused, 'all', () => to === 'on', {
    action: to === 'on' ? 'images.pause' : 'images.resume',
    target: 'images',
    minimum: 'admin',
  })
  await showHome(chat)
}

async function showRefused(chat: Chat): Promise<void> {
  const served = await chat.served()
  const refused = await chat.app.db.rows(
    picturesSql
      .selectFrom('refused_prompts')
      .select(['person_id as personId', 'prompt', 'refused_by as by', 'created_at as at'])
      .where(q<boolean>`${among(q`bot`, served)}`)
      .orderBy('id', 'desc')
      .limit(10),
  )
  const lines = refused.map(({ personId, prompt, by, at }) =>
    chat.t('image-admin-refused-line', {
      date: chat.when(at),
      person: String(personId),
      by: chat.t(`image-admin-by-${by}`),
      prompt: escapeHtml(shortened(prompt, 120)),
    }),
  )
  await show(chat, {
    text: [
      chat.t('image-admin-refused-title'),
      '',
      ...(lines.length > 0 ? lines : [chat.t('image-admin-refused-none')]),
    ].join('\n'),
    keyboard: [back(chat, 'pictures-admin')],
  })
}
