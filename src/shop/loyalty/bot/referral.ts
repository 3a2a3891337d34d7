import { InputFile } from 'grammy'
import QRCode from 'qrcode'
import { invite, personOfCode } from '../referrals/referrals.ts'
import { invitationsOf, inviteLink, shareLink } from '../referrals/terms.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, chatId, send, show } from '#workers/bot/screen.ts'

/** Shows the personal link and what it has brought, and welcomes the people who come by it. */
export const referral: Feature = {
  commands: { friends: (chat) => showFriends(chat) },
  buttons: { friends: (chat) => showFriends(chat), 'friends-qr': (chat) => sendCode(chat) },
  links: { r: arriveInvited },
}

const linkOf = (chat: Chat) => inviteLink(chat.ctx.me.username, chat.personId)

async function showFriends(chat: Chat): Promise<void> {
  const link = linkOf(chat)
  await show(chat, {
    text: chat.t('friends', { ...(await invitationsOf(chat)), link }),
    keyboard: [
      [{ text: chat.t('friends-invite'), url: shareLink(link), style: 'primary' }],
      [{ text: chat.t('friends-copy'), copy_text: { text: link } }],
      [button(chat, chat.t('friends-qr'), 'friends-qr')],
      back(chat, 'menu'),
    ],
  })
}

async function sendCode(chat: Chat): Promise<void> {
  const link = linkOf(chat)
  const picture = await QRCode.toBuffer(link, { width: 512, margin: 2 })
  await chat.ctx.api.sendPhoto(chatId(chat), new InputFile(picture, 'invite.png'), { caption: link })
}

/**
 * An invitation is answered only if it counts or if there is a reason why it does not count. The menu stays below
 * the answer.
 */
async function arriveInvited(chat: Chat, value: string): Promise<boolean> {
  const inviterId = personOfCode(value)
  const outcome = inviterId
    ? await chat.app.db.tx((tx) => invite(tx, { personId: chat.personId, inviterId, bot: chat.bot.name }))
    : 'unknown'
  const said = outcome === 'ring' ? 'existing' : outcome
  if (said !== 'again' && said !== 'unknown') await send(chat, { text: chat.t(`friends-${said}`) })
  return false
}
