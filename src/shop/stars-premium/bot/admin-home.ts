import { sql as q } from 'kysely'
import { COUNTED, STATES, countByState } from '../by-state.ts'
import { starsPremiumSql } from '../tables.ts'
import { ago, literal } from '#shared/db/build.ts'
import { audit } from '#shared/audit.ts'
import { inWordsOf, resumeSale, saleStops, type StopReason, stopSale } from '../sale-stops.ts'
import { resellerTerms } from '../settings.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { Asset } from '#shared/money.ts'
import { watchSales } from '../jobs.ts'
import { purchasesToDecide } from '../attention.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { shorten } from '#shared/storable.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'

/**
 * Our balance at the reseller and how long it lasts, whether we sell and why not, and the orders that need an admin.
 */
export const resellerHome: Feature = {
  adminCommands: { fragment: (chat) => showHome(chat) },
  adminButtons: {
    fadmin: (chat) => showHome(chat),
    'fadmin-stop': sure('fadmin-stop', askStop, (chat) => toggle(chat, true)),
    'fadmin-sell': (chat) => toggle(chat, false),
    'fadmin-check': checkNow,
  },
  minimumRole: { fragment: 'read-only', fadmin: 'read-only', 'fadmin-check': 'support' },
  admin: {
    sections: [purchasesToDecide],
    health: async (chat) => [
      ...(await saleStops(chat.app.db)).map(({ reason }) => `⛔️ ${chat.t(`fadmin-reason-${reason}`)}`),
      ...(await walletLines(chat)),
    ],
  },
}

/** Reasons that only an admin can know to be over; the worker checks the other reasons every minute. */
const LIFTABLE = new Set<StopReason>(['admin', 'kyc'])

async function showHome(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const { db, settings } = chat.app
  const [stops, counts, wallet, terms] = await Promise.all([
    saleStops(db),
    chat.served().then((served) => countByState(db, STATES, served)),
    walletLines(chat),
    settings.get(resellerTerms),
  ])
  const stopped = stops.map(({ reason, since, details }) =>
    chat.t('fadmin-stopped', {
      reason: chat.t(`fadmin-reason-${reason}`),
      since: chat.when(since),
      details: escapeHtml(shorten(inWordsOf(chat.language, details), 200)),
    }),
  )
  const liftable = stops.some(({ reason }) => LIFTABLE.has(reason))
  await show(chat, {
    text: [
      chat.t('fadmin-title'),
      ...(stopped.length > 0 ? stopped : [chat.t('fadmin-selling')]),
      '',
      ...wallet,
      chat.t('fadmin-limits', { warn: terms.warnBalance, stop: terms.stopBalance }),
    ].join('\n'),
    keyboard: [
      ...STATES.map((state) => {
        const text = `${chat.t(`order-state-${state}`)} · ${counted(counts.get(state) ?? 0)}`
        return button(chat, text, ['fadmin-list', state, 0])
      }).reduce<ReturnType<typeof button>[][]>((rows, key, at) => {
        if (at % 2 === 0) rows.push([key])
        else rows.at(-1)!.push(key)
        return rows
      }, []),
      [
        button(chat, chat.t('fadmin-prices'), 'fadmin-prices'),
        button(chat, chat.t('fadmin-keys'), 'fadmin-keys'),
      ],
      [button(chat, chat.t('fadmin-check'), 'fadmin-check')],
      [
        liftable
          ? button(chat, chat.t('fadmin-sell'), 'fadmin-sell', 'success')
          : button(chat, chat.t('fadmin-stop'), 'fadmin-stop', 'danger'),
      ],
      back(chat, 'admin'),
    ],
  })
}

const counted = (count: number): string => (count > COUNTED ? `${COUNTED}+` : String(count))

/** Our balance, its age, the average cost of a day in the last week, and how many days the balance lasts. */
async function walletLines(chat: Chat): Promise<string[]> {
  const daily = starsPremiumSql
    .selectFrom('attempts as a')
    .select(q<bigint>`coalesce(sum(a.cost) / 7, 0)::bigint`.as('cost'))
    .where('a.supplier', '=', literal('fragment'))
    .where((is) => is.or([is('a.state', '=', 'done'), q<boolean>`a.details ? 'deliveredLate'`]))
    .whereRef('a.cost_asset', '=', q.ref<Asset>('r.asset'))
    .where('a.created_at', '>', ago(7, 'day'))
  // The newest reading of each asset.
  const rows = await chat.app.db.rows(
    starsPremiumSql
      .selectFrom('wallet_readings as r')
      .distinctOn('r.asset')
      .select(['r.asset', 'r.balance', 'r.at', daily.$asScalar().$notNull().as('daily')])
      .where('r.supplier', '=', literal('fragment'))
      .orderBy('r.asset')
      .orderBy('r.id', 'desc'),
  )
  if (rows.length === 0) return [chat.t('fadmin-wallet-unknown')]
  return rows.map(({ asset, balance, at, daily }) => {
    const sum = chat.money(balance, asset)
    const when = chat.when(at)
    if (daily === 0n) return chat.t('fadmin-wallet', { sum, when })
    return chat.t('fadmin-wallet-runway', {
      sum,
      when,
      daily: chat.money(daily, asset),
      days: Number(balance / daily),
    })
  })
}

/** Stopping the sale concerns every bot, and its key stands beside keys of lists, so it asks first. */
async function askStop(chat: Chat): Promise<Question> {
  return { text: chat.t('fadmin-stop-ask'), yes: chat.t('fadmin-stop-yes'), home: ['fadmin'] }
}

async function toggle(chat: Chat, stop: boolean): Promise<Answer> {
  await chat.app.db.tx(async (tx) => {
    if (stop) await stopSale(tx, 'admin', String(chat.personId), chat.personId)
    else for (const reason of LIFTABLE) await resumeSale(tx, reason)
    const action = stop ? 'fragment.stop' : 'fragment.resume'
    await audit(tx, { actor: chat.personId, bot: chat.bot.name, action, target: 'fragment' })
  })
  await showHome(chat)
}

/** Reads balance, login and prices now instead of at the next minute. */
async function checkNow(chat: Chat): Promise<Answer> {
  await chat.app.producer.add(watchSales, { minute: Math.floor(Date.now() / 1000) })
  await showHome(chat)
  return { toast: chat.t('fadmin-checking') }
}
