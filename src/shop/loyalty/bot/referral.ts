import { InputFile } from 'grammy'
import QRCode from 'qrcode'
import { invite, personOfCode } from '../referrals/referrals.ts'
import { invitationsOf, inviteLink, mayInvite, shareLink } from '../referrals/terms.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { NOTHING } from '#workers/bot/inline-offers.ts'
import type { InlineAsker, InlineOffers, InlineWish } from '#workers/bot/inline-offers.ts'
import { back, button, chatId, send, show } from '#workers/bot/screen.ts'

/** Shows the personal link and what it has brought, and welcomes the people who come by it. */
export const referral: Feature = {
  commands: { friends: (chat) => showFriends(chat) },
  buttons: { friends: (chat) => showFriends(chat), 'friends-qr': (chat) => sendCode(chat) },
  links: { r: arriveInvited },
  inline: offerInvitation,
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
 * the answer. Behind a dash the link names a thing that is opened next.
 */
async function arriveInvited(chat: Chat, value: string): Promise<string | undefined> {
  const [, code = '', thing] = /^([^-]*)(?:-(.*))?$/.exec(value)!
  const inviterId = personOfCode(code)
  const outcome = inviterId
    ? await chat.app.db.tx((tx) => invite(tx, { personId: chat.personId, inviterId, bot: chat.bot.name }))
    : 'unknown'
  const said = outcome === 'ring' ? 'existing' : outcome
  if (said !== 'again' && said !== 'unknown') await send(chat, { text: chat.t(`friends-${said}`) })
  return thing
}

/** The person's own invitation. A shop whose invitations bring nothing offers none. */
async function offerInvitation(asker: InlineAsker, { word, offset }: InlineWish): Promise<InlineOffers> {
  if (word !== '' || offset > 0 || !(await mayInvite(asker))) return NOTHING
  return {
    offers: [
      {
        id: 'invite',
        title: asker.t('inline-invite-title'),
        heading: asker.t('inline-invite-heading'),
        about: asker.t('inline-invite'),
        key: asker.t('inline-key-shop'),
        link: inviteLink(asker.username, asker.personId),
      },
    ],
  }
}
