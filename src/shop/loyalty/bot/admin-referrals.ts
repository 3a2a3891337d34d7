import { allows } from '#shared/roles.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { referralStatistics } from '../referrals/referrals.ts'
import { referralReport } from '../referrals/report.ts'
import { referralHoldDays } from '../referrals/settings.ts'
import { referralPercents } from '#shared/settings/economy.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { shorten } from '#shared/storable.ts'

const BEST = 8

/**
 * Shows what invitations bring, who invites most, and the rules that the settings hold. What one person's
 * invitations bring stands on the page of that person.
 */
export const adminReferrals: Feature = {
  adminButtons: { 'a-refs': showReport },
  minimumRole: { 'a-refs': 'read-only' },
  admin: {
    sections: [{ text: 'admin-referrals', route: 'a-refs', minimum: 'read-only' }],
    person: async (chat, id) => {
      const { invited, paying, earned, held } = await referralStatistics(chat.app.db, id)
      if (invited === 0) return {}
      return {
        lines: [
          chat.t('admin-referrals-person', {
            invited,
            paying,
            earned: sums(chat, earned),
            held: sums(chat, held),
          }),
        ],
      }
    },
  },
}

type Sums = Awaited<ReturnType<typeof referralStatistics>>['held']

const sums = (chat: Chat, list: Sums): string =>
  list.map(({ amount, asset }) => chat.money(amount, asset)).join(' · ') || '—'

async function showReport(chat: Chat): Promise<void> {
  const { db, settings } = chat.app
  const served = await chat.served()
  const [report, percents, days] = await Promise.all([
    referralReport(db, BEST, served),
    settings.get(referralPercents),
    settings.get(referralHoldDays),
  ])
  const of = (...states: string[]) =>
    sums(
      chat,
      report.rewards.filter(({ state }) => states.includes(state)),
    )
  const { invited, inviters, paying } = report
  await show(chat, {
    text: [
      chat.t('admin-referrals-report', {
        invited,
        inviters,
        paying,
        paid: of('paid'),
        held: of('held'),
        cancelled: of('cancelled'),
        back: of('taken_back'),
        percents: percents.map((percent) => `${percent} %`).join(' / ') || '—',
        days,
      }),
      ...report.best.map(
        (one, index) => `${index + 1}. ${escapeHtml(shorten(one.name, 32))} · ${one.invited} (${one.paying})`,
      ),
    ].join('\n'),
    keyboard: [
      ...report.best.map(({ personId, name }) => [
        button(chat, shorten(name, 32), ['a-person', String(personId)]),
      ]),
      ...(allows(chat.role, 'admin')
        ? [
            [
              button(chat, chat.t('admin-referrals-percents'), ['a-setting', referralPercents.key]),
              button(chat, chat.t('admin-referrals-days'), ['a-setting', referralHoldDays.key]),
            ],
          ]
        : []),
      back(chat, 'admin'),
    ],
  })
}
