import { placeOf } from '../chats.ts'
import { changeMember } from '../group-members.ts'
import { bad } from '../errors.ts'
import { bool, int, required, text, userId, type Obj } from '../params.ts'
import { opensSafely } from '../markup.ts'
import { linkSlug, type InviteLink } from '../group-parts.ts'
import { checkRight } from '../rights.ts'
import { seconds, userOfBot, type Group } from '../store.ts'
import { signedAddress } from '../web-app.ts'
import type { Call, Method } from './call.ts'

/** The group of a call, in which the bot may manage links. @throws bad */
function managed({ world, bot, p }: Call, what = 'invite link'): Group {
  const { group } = placeOf(world, bot, p)
  if (!group) throw bad("can't invite members to a private chat")
  checkRight(group, bot.id, 'can_invite_users', `not enough rights to manage chat ${what}`)
  return group
}

const view = (link: InviteLink): Obj => {
  const { slug, asked: _, group: __, ...shown } = link
  return { invite_link: `https://t.me/+${slug}`, ...shown }
}

function make(call: Call, group: Group, more: Partial<InviteLink> = {}): InviteLink {
  const link: InviteLink = {
    slug: linkSlug(),
    group: group.id,
    creator: userOfBot(call.bot),
    creates_join_request: false,
    is_primary: false,
    is_revoked: false,
    ...more,
  }
  call.world.invites.set(link.slug, link)
  return link
}

function wishes(call: Call): Partial<InviteLink> {
  const { p, world } = call
  const name = text(p, 'name') ?? ''
  const expires = int(p, 'expire_date')
  const limit = int(p, 'member_limit')
  const asks = bool(p, 'creates_join_request')
  if (asks && limit > 0)
    throw bad("member limit can't be specified for links requiring administrator approval")
  if (expires !== 0 && expires <= seconds(world)) throw bad('EXPIRE_DATE_INVALID')
  return {
    ...(name && { name }),
    ...(expires && { expire_date: expires }),
    ...(limit && { member_limit: limit }),
    creates_join_request: asks,
  }
}

function known(call: Call, group: Group): InviteLink {
  const slug = required(call.p, 'invite_link').replace(/^https:\/\/t\.me\/\+/, '')
  const link = call.world.invites.get(slug)
  if (!link || link.group !== group.id) throw bad('INVITE_HASH_EXPIRED')
  return link
}

const exportChatInviteLink: Method = (call) => {
  const group = managed(call)
  for (const link of call.world.invites.values())
    if (link.group === group.id && link.is_primary) link.is_revoked = true
  return view(make(call, group, { is_primary: true }))['invite_link']
}

const createChatInviteLink: Method = (call) => view(make(call, managed(call), wishes(call)))

const MONTH_S = 2_592_000

const createChatSubscriptionInviteLink: Method = (call) => {
  const group = managed(call)
  const period = int(call.p, 'subscription_period')
  const price = int(call.p, 'subscription_price')
  if (group.type !== 'channel') throw bad('CHAT_INVALID')
  if (period !== MONTH_S) throw bad('SUBSCRIPTION_PERIOD_INVALID')
  if (price < 1) throw bad('STARS_AMOUNT_INVALID')
  return view(make(call, group, { ...wishes(call), subscription_period: period, subscription_price: price }))
}

const editChatInviteLink: Method = (call) => {
  const link = known(call, managed(call))
  if (link.is_revoked) throw bad('INVITE_HASH_EXPIRED')
  return view(Object.assign(link, wishes(call)))
}

const editChatSubscriptionInviteLink: Method = (call) => {
  const link = known(call, managed(call))
  return view(Object.assign(link, { name: text(call.p, 'name') ?? '' }))
}

const revokeChatInviteLink: Method = (call) =>
  view(Object.assign(known(call, managed(call)), { is_revoked: true }))

/** Answers a wish to join. @throws bad HIDE_REQUESTER_MISSING for somebody who has not asked */
const answer = (call: Call, status: string): true =>
  decide(call, managed(call, 'join requests'), userId(call.p), status)

function decide({ world, bot }: Call, group: Group, id: number, status: string): true {
  if (!['left', 'kicked', undefined].includes(group.members.get(id))) throw bad('USER_ALREADY_PARTICIPANT')
  if (!group.joinRequests?.delete(id)) throw bad('HIDE_REQUESTER_MISSING')
  if (status === 'member') changeMember(world, group, id, status, { by: userOfBot(bot) })
  return true
}

/** The wish to join that a query is about. @throws bad where it was answered, or was another bot's */
function queried({ world, bot, p }: Call): { group: Group; person: number; forget: () => void } {
  const key = `${bot.id}:${required(p, 'chat_join_request_query_id')}`
  const query = world.joinQueries.get(key)
  const group = query && world.groups.get(query.group)
  if (!group || query.expires <= world.clock.now())
    throw bad('query is too old and response timeout expired or query ID is invalid')
  return { group, person: query.person, forget: () => void world.joinQueries.delete(key) }
}

const RESULTS: Record<string, string | undefined> = { approve: 'member', decline: 'left', queue: undefined }

/** `queue` leaves the wish to the administrators. */
const answerChatJoinRequestQuery: Method = (call) => {
  const { group, person, forget } = queried(call)
  const result = required(call.p, 'result')
  if (!(result in RESULTS)) throw bad('RESULT_INVALID')
  forget()
  const status = RESULTS[result]
  return status === undefined ? true : decide(call, group, person, status)
}

/** The person is shown a Mini App before the bot decides; the address that their client opens is among the events. */
const sendChatJoinRequestWebApp: Method = (call) => {
  const { group, person } = queried(call)
  const given = required(call.p, 'web_app_url')
  if (!opensSafely(given)) throw bad('WEB_APP_URL_INVALID')
  const { world, bot } = call
  const url = signedAddress(world, bot, world.people.get(person)!, given)
  world.events.emit('join_web_app', { at: world.clock.now(), bot: bot.username, person, chat: group.id, url })
  return true
}

export const invites: Record<string, Method> = {
  exportChatInviteLink,
  createChatInviteLink,
  createChatSubscriptionInviteLink,
  editChatInviteLink,
  editChatSubscriptionInviteLink,
  revokeChatInviteLink,
  approveChatJoinRequest: (call) => answer(call, 'member'),
  answerChatJoinRequestQuery,
  sendChatJoinRequestWebApp,
  declineChatJoinRequest: (call) => answer(call, 'left'),
}
