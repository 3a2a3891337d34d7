import type { Context } from '#shared/context.ts'
import type { Asset } from '#shared/money.ts'
import type { Reader } from '#shared/reader.ts'
import { referralPercents } from '#shared/settings/economy.ts'
import { inviteCode, referralStatistics } from './referrals.ts'
import { referralHoldDays } from './settings.ts'

/** A person's own link into a bot. */
export const inviteLink = (botUsername: string, personId: bigint): string =>
  `https://t.me/${botUsername}?start=r_${inviteCode(personId)}`

/** Somebody who sends a link into a bot to others. */
export interface Sender {
  app: Pick<Context, 'settings'>
  personId: bigint
  /** The bot's user name. */
  username: string
  /** The person has come to one of the bots; nobody else's invitation would count. */
  isKnown: boolean
}

/** Whether the person's invitations count and bring something. */
export const mayInvite = async ({ app, isKnown }: Pick<Sender, 'app' | 'isKnown'>): Promise<boolean> =>
  isKnown && (await app.settings.get(referralPercents)).length > 0

/** A link that opens a thing in the bot, named by the value of its own deep link, and invites for its sender. */
export const linkFrom = async (sender: Sender, thing: string): Promise<string> =>
  (await mayInvite(sender))
    ? `${inviteLink(sender.username, sender.personId)}-${thing}`
    : `https://t.me/${sender.username}?start=${thing}`

/** The address at which Telegram lets a person send the link to a friend. */
export const shareLink = (link: string): string => `https://t.me/share/url?url=${encodeURIComponent(link)}`

/** What inviting friends brings, and what it has brought to this person. */
export async function invitationsOf(
  inviter: { app: Pick<Context, 'db' | 'settings'>; personId: bigint } & Pick<Reader, 't' | 'money'>,
): Promise<Record<'terms' | 'earned' | 'held', string> & Record<'invited' | 'paying', number>> {
  const { db, settings } = inviter.app
  const [statistics, percents, days] = await Promise.all([
    referralStatistics(db, inviter.personId),
    settings.get(referralPercents),
    settings.get(referralHoldDays),
  ])
  const sums = (list: { asset: Asset; amount: bigint }[]) =>
    list.map(({ asset, amount }) => inviter.money(amount, asset)).join(' · ') || inviter.money(0n, 'TOK')
  return {
    terms: termsIn(inviter, percents, days),
    invited: statistics.invited,
    paying: statistics.paying,
    earned: sums(statistics.earned),
    held: sums(statistics.held),
  }
}

/** Says the shares of the friends' payments and, where the rules go further, of the payments of the friends' friends. */
function termsIn({ t }: Pick<Reader, 't'>, [first, second, ...after]: number[], days: number): string {
  if (first === undefined) return t('friends-terms-none')
  return [
    t('friends-terms', { percent: first }),
    ...(second !== undefined
      ? [t('friends-terms-further', { second, further: after.join(' % / ') || 'none' })]
      : []),
    t('friends-terms-when', { days }),
  ].join(' ')
}
