import { bad, forbidden } from '../errors.ts'
import { required, text, userId } from '../params.ts'
import type { Method } from './call.ts'

/*
 * What a bot may do only with something that no bot has here: a connection to somebody's business account, a right that
 * Telegram gives to few, a query that no client sends. Telegram refuses such a call, and so does this.
 */

/** Nobody has connected a business account with a bot. */
const withoutBusiness: Method = ({ p }) => {
  required(p, 'business_connection_id')
  throw bad('business connection not found')
}

const BUSINESS = [
  'sendChecklist',
  'editMessageChecklist',
  'getBusinessConnection',
  'deleteBusinessMessages',
  'readBusinessMessage',
  'setBusinessAccountName',
  'setBusinessAccountUsername',
  'setBusinessAccountBio',
  'setBusinessAccountProfilePhoto',
  'removeBusinessAccountProfilePhoto',
  'setBusinessAccountGiftSettings',
  'getBusinessAccountStarBalance',
  'transferBusinessAccountStars',
  'getBusinessAccountGifts',
  'convertGiftToStars',
  'upgradeGift',
  'transferGift',
  'postStory',
  'repostStory',
  'editStory',
  'deleteStory',
]

/** Telegram lets few organisations verify others. */
const mayNotVerify: Method = () => {
  throw bad('BOT_VERIFIER_FORBIDDEN')
}

/** @param name of the parameter with the query, which nobody has sent */
const withoutQuery =
  (name: string): Method =>
  ({ p }) => {
    required(p, name)
    throw bad('query is too old and response timeout expired or query ID is invalid')
  }

/** A person lets a bot do this in its Mini App, and the one here does not ask. */
const setUserEmojiStatus: Method = ({ world, p }) => {
  if (!world.people.has(userId(p))) throw bad('user not found')
  throw forbidden("not enough rights to change the user's emoji status")
}

const getUserProfileAudios: Method = ({ world, p }) => {
  if (!world.people.has(userId(p))) throw bad('user not found')
  return { total_count: 0, audios: [] }
}

const getForumTopicIconStickers: Method = () =>
  ['📰', '💡', '⚡️', '🎙', '🔝', '🗣'].map((emoji, at) => ({
    file_id: `CAACicon${at}`,
    file_unique_id: `AgADicon${at}`,
    type: 'custom_emoji',
    width: 100,
    height: 100,
    is_animated: true,
    is_video: false,
    emoji,
    custom_emoji_id: String(5_434_144_690_511_290_129n + BigInt(at)),
  }))

const noPassport: Method = ({ p }) => {
  userId(p)
  if ((text(p, 'errors') ?? '') === '') throw bad('parameter "errors" is required')
  throw bad('USER_ID_INVALID')
}

export const unheld: Record<string, Method> = {
  ...Object.fromEntries(BUSINESS.map((name) => [name, withoutBusiness])),
  verifyUser: mayNotVerify,
  verifyChat: mayNotVerify,
  removeUserVerification: mayNotVerify,
  removeChatVerification: mayNotVerify,
  answerShippingQuery: withoutQuery('shipping_query_id'),
  answerGuestQuery: withoutQuery('guest_query_id'),
  setUserEmojiStatus,
  getUserProfileAudios,
  getForumTopicIconStickers,
  setPassportDataErrors: noPassport,
}
