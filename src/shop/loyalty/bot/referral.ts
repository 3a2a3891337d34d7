import { InputFile } from 'grammy'
import QRCode from 'qrcode'
import { inviteCode, invite, personOfCode, referralStatistics } from '../referrals/referrals.ts'
import { referralHoldDays } from '../referrals/settings.ts'
import { referralPercents } from '#shared/settings/economy.ts'
import type { Asset } from '#shared/money.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, chatId, send, show } from '#workers/bot/screen.ts'

/** The personal link, what it has brought, and the welcome of those who come by it. */
export const referral: Feature = {
  commands: { friends: (chat) => showFriends(chat) },
  buttons: { friends: (chat) => showFriends(chat), 'friends-qr': (chat) => sendCode(chat) },
  links: { r: arriveInvited },
}

const linkOf = (chat: Chat) => `https://t.me/${chat.ctx.me.username}?start=r_${inviteCode(chat.personId)}`

async function showFriends(chat: Chat): Promise<void> {
  const { db, settings } = chat.app
  const [statistics, percents, days] = await Promise.all([
    referralStatistics(db, chat.personId),
    settings.get(referralPercents),
    settings.get(referralHoldDays),
  ])
  const sums = (list: { asset: Asset; amount: bigint }[]) =>
    list.map(({ asset, amount }) => chat.money(amount, asset)).join(' · ') || chat.money(0n, 'TOK')
  const link = linkOf(chat)
  await show(chat, {
    text: chat.t('friends', {
      terms: terms(chat, percents, days),
      invited: statistics.invited,
      paying: statistics.paying,
      earned: sums(statistics.earned),
      held: sums(statistics.held),
      link,
    }),
    keyboard: [
      [
        {
          text: chat.t('friends-invite'),
          url: `https://t.me/share/url?url=${encodeURIComponent(link)}`,
          style: 'primary',
        },
      ],
      [{ text: chat.t('friends-copy'), copy_text: { text: link } }],
      [button(chat, chat.t('friends-qr'), 'friends-qr')],
      back(chat, 'menu'),
    ],
  })
}

/** The shares of the friends' payments and, where the rules go further, of the payments of the friends' friends. */
function terms(chat: Chat, [first, ...further]: number[], days: number): string {
  if (first === undefined) return chat.t('friends-terms-none')
  return [
    chat.t('friends-terms', { percent: first }),
    ...(further.length > 0
      ? [chat.t('friends-terms-further', { percents: further.join(' % / '), levels: further.length })]
      : []),
    chat.t('friends-terms-when', { days }),
  ].join(' ')
}

async function sendCode(chat: Chat): Promise<void> {
  const link = linkOf(chat)
  const picture = await QRCode.toBuffer(link, { width: 512, margin: 2 })
  await chat.ctx.api.sendPhoto(chatId(chat), new InputFile(picture, 'invite.png'), { caption: link })
}

/** Only what counts or why it does not is said; the menu stays below. */
async function arriveInvited(chat: Chat, value: string): Promise<boolean> {
  const inviterId = personOfCode(value)
  const outcome = inviterId
    ? await chat.app.db.tx((tx) => invite(tx, { personId: chat.personId, inviterId, bot: chat.bot.name }))
    : 'unknown'
  const said = outcome === 'ring' ? 'existing' : outcome
  if (said !== 'again' && said !== 'unknown') await send(chat, { text: chat.t(`friends-${said}`) })
  return false
}
