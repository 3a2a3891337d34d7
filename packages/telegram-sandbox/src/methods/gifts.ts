import { businessOf, checkActive, checkBusinessRight, ruledBusiness, type Business } from '../business.ts'
import { placeOf } from '../chats.ts'
import { bad } from '../errors.ts'
import { addTransaction, pay } from '../ledger.ts'
import { addMessage, tell } from '../messages.ts'
import { bool, int, isObj, json, required, text, userId, type Obj, type Params } from '../params.ts'
import { placeOfPerson } from '../payments.ts'
import { chatOfGroup, seconds, userOfBot, userOfPerson, type World } from '../store.ts'
import type { Call, Method } from './call.ts'
import { giftView, giftWith, takeGift, uniqueOf, type Gift } from './gift-kinds.ts'
import { receiver } from './payments.ts'

const MOST_GIFTS = 100
/** Telegram gives back 85 of 100 Stars, and takes as many as this for a transfer. */
const GIVEN_BACK = 0.85
const TRANSFER_STARS = 25

/** A gift that somebody got. */
export interface OwnedGift extends Obj {
  id: string
  star_count: number
  owned_gift_id: string
  date: number
  prepaid?: number
  unique?: Obj
}

/** A page of the gifts that an owner shows, the newest or the dearest first. */
function owned({ world, p }: Call, gifts: readonly Obj[], isManaged = false): Obj {
  const isUnique = (gift: Obj) => gift['unique'] !== undefined
  const wanted = gifts
    .toReversed()
    .filter((gift) => !bool(p, isUnique(gift) ? 'exclude_unique' : 'exclude_unlimited'))
    // Gifts of the simulator are shown on the profile from the start.
    .filter(() => !isManaged || !bool(p, 'exclude_saved'))
  if (bool(p, 'sort_by_price')) wanted.sort((a, b) => Number(b['star_count']) - Number(a['star_count']))
  const limit = int(p, 'limit', MOST_GIFTS)
  const offset = Number(text(p, 'offset') || 0)
  if (!Number.isSafeInteger(offset) || offset < 0) throw bad('OFFSET_INVALID')
  const end = offset + limit
  return {
    total_count: wanted.length,
    gifts: wanted.slice(offset, end).map((gift) => view(world, gift as OwnedGift, isManaged)),
    ...(end < wanted.length && { next_offset: String(end) }),
  }
}

function view(world: World, gift: OwnedGift, isManaged: boolean): Obj {
  const { id, from, date, text: note, unique, owned_gift_id: ownedId, prepaid } = gift
  const sender = [...world.bots.values()].find(({ username }) => username === from)
  return {
    ...(isManaged && { owned_gift_id: ownedId }),
    type: unique ? 'unique' : 'regular',
    gift: unique ?? giftView(giftWith(String(id))!),
    ...(sender && { sender_user: userOfBot(sender) }),
    send_date: date,
    is_saved: true,
    ...(!unique && note !== undefined && { text: note }),
    ...(isManaged && unique && { can_be_transferred: true, transfer_star_count: TRANSFER_STARS }),
    ...(isManaged &&
      !unique && { can_be_upgraded: true, convert_star_count: Math.round(gift.star_count * GIVEN_BACK) }),
    ...(isManaged && prepaid && { prepaid_upgrade_star_count: prepaid }),
  }
}

const getUserGifts: Method = (call) => {
  const person = call.world.people.get(userId(call.p))
  if (!person) throw bad('user not found')
  return owned(call, person.gifts)
}

const getChatGifts: Method = (call) => {
  const { group, person } = placeOf(call.world, call.bot, call.p)
  return owned(call, person?.gifts ?? group?.gifts ?? [])
}

function giftText(p: Params): Obj {
  const note = text(p, 'text') ?? ''
  return note === '' ? {} : { text: note }
}

const ownedId = () => String(Math.floor(Math.random() * 1e15))

/** The receiver of a gift: a person who talks to the bot, or a channel that the bot can see. */
const sendGift: Method = (call) => {
  const { world, bot, p } = call
  const gift = giftWith(required(p, 'gift_id'))
  if (!gift) throw bad('STARGIFT_INVALID')
  const note = giftText(p)
  const upgrade = bool(p, 'pay_for_upgrade') ? gift.upgrade_star_count : 0
  const given = (): OwnedGift => ({
    ...shownOf(gift),
    ...note,
    from: bot.username,
    date: seconds(world),
    owned_gift_id: ownedId(),
    ...(upgrade > 0 && { prepaid: upgrade }),
  })
  const paid = (to: Obj) => {
    if (bot.stars < gift.star_count + upgrade) throw bad('BALANCE_TOO_LOW')
    takeGift(world, bot, gift)
    pay(bot, gift.star_count + upgrade)
    addTransaction(world, bot, {
      amount: gift.star_count + upgrade,
      receiver: { ...to, gift: giftView(gift) },
    })
  }
  if ((text(p, 'chat_id') ?? '') !== '' && text(p, 'user_id') === undefined) {
    const { group, person } = placeOf(world, bot, p)
    if (!person && group?.type !== 'channel') throw bad('STARGIFT_PEER_INVALID')
    if (group) {
      paid({ type: 'chat', chat: chatOfGroup(group) })
      ;(group.gifts ??= []).push(given())
      return true
    }
    p.values['user_id'] = person!.id
  }
  const person = receiver(world, bot, p)
  const accepted = person.profile?.['accepted_gift_types'] as Obj | undefined
  const isLimited = world.giftLimits.has(gift.id)
  if (accepted?.[isLimited ? 'limited_gifts' : 'unlimited_gifts'] === false)
    throw bad('USER_DISALLOWED_STARGIFTS')
  paid({ type: 'user', transaction_type: 'gift_purchase', user: userOfPerson(person) })
  person.gifts.push(given())
  const place = placeOfPerson(bot, person)
  addMessage(world, bot, place, {
    from: 'service',
    content: { from: userOfBot(bot), gift: { ...shownOf(gift), ...note } },
  })
  tell(world, bot, place, 'person', {})
  return true
}

const shownOf = ({ id, star_count, emoji }: Gift) => ({ id, star_count, emoji })

const VIEWS = 'can_view_gifts_and_stars'

const getBusinessAccountGifts: Method = (call) =>
  owned(call, ruledBusiness(call.world, call.bot, call.p, VIEWS).owner.gifts, true)

const starsOf = ({ owner }: Business) => owner.stars ?? 0

const getBusinessAccountStarBalance: Method = ({ world, bot, p }) => ({
  amount: starsOf(ruledBusiness(world, bot, p, VIEWS)),
})

const transferBusinessAccountStars: Method = ({ world, bot, p }) => {
  const count = int(p, 'star_count')
  const business = businessOf(world, bot, p)
  if (count <= 0) throw bad('invalid amount of Telegram Stars to transfer specified')
  checkBusinessRight(business, 'can_transfer_stars')
  spendStars(business, count)
  bot.stars += count
  const user = userOfPerson(business.owner)
  addTransaction(world, bot, {
    amount: count,
    source: { type: 'user', transaction_type: 'business_account_transfer', user },
  })
  return true
}

function spendStars(business: Business, count: number): void {
  if (starsOf(business) < count) throw bad('BALANCE_TOO_LOW')
  business.owner.stars = starsOf(business) - count
}

function ownedGift({ owner }: Business, p: Params): OwnedGift {
  const id = required(p, 'owned_gift_id')
  const gift = owner.gifts.find((one) => one['owned_gift_id'] === id)
  if (!gift) throw bad('invalid gift identifier specified')
  return gift as OwnedGift
}

const convertGiftToStars: Method = ({ world, bot, p }) => {
  const business = businessOf(world, bot, p)
  const gift = ownedGift(business, p)
  checkBusinessRight(business, 'can_convert_gifts_to_stars')
  if (gift.unique) throw bad('STARGIFT_CONVERT_INVALID')
  const { owner } = business
  owner.gifts = owner.gifts.filter((one) => one !== gift)
  owner.stars = starsOf(business) + Math.round(gift.star_count * GIVEN_BACK)
  return true
}

/** A regular gift becomes one of a kind, at the sender's expense or the account's. */
const upgradeGift: Method = ({ world, bot, p }) => {
  const business = businessOf(world, bot, p)
  const gift = ownedGift(business, p)
  checkBusinessRight(business, 'can_transfer_and_upgrade_gifts')
  if (gift.unique) throw bad('STARGIFT_ALREADY_UPGRADED')
  const price = gift.prepaid ? 0 : giftWith(gift.id)!.upgrade_star_count
  if (int(p, 'star_count') !== price) throw bad('STARS_AMOUNT_INVALID')
  if (price > 0) {
    checkBusinessRight(business, 'can_transfer_stars')
    spendStars(business, price)
  }
  gift.unique = uniqueOf(giftWith(gift.id)!)
  delete gift.prepaid
  if (!bool(p, 'keep_original_details')) delete gift['text']
  return true
}

const transferGift: Method = ({ world, bot, p }) => {
  const business = businessOf(world, bot, p)
  const gift = ownedGift(business, p)
  checkBusinessRight(business, 'can_transfer_and_upgrade_gifts')
  if (!gift.unique) throw bad('STARGIFT_NOT_UNIQUE')
  const to = world.people.get(int(p, 'new_owner_chat_id'))
  if (!to) throw bad('chat not found')
  checkActive(world, business, to.id)
  const price = int(p, 'star_count')
  if (price !== TRANSFER_STARS) throw bad('STARS_AMOUNT_INVALID')
  checkBusinessRight(business, 'can_transfer_stars')
  spendStars(business, price)
  business.owner.gifts = business.owner.gifts.filter((one) => one !== gift)
  to.gifts.push(gift)
  return true
}

const GIFT_TYPES = ['unlimited_gifts', 'limited_gifts', 'unique_gifts', 'premium_subscription']

const setBusinessAccountGiftSettings: Method = ({ world, bot, p }) => {
  if ((text(p, 'accepted_gift_types') ?? '') === '') throw bad("accepted gift types aren't specified")
  const types = json(p, 'accepted_gift_types', 'accepted gift types')
  if (!isObj(types)) throw bad('object expected as accepted gift types')
  for (const name of GIFT_TYPES) if (types[name] === undefined) throw bad(`can't find field "${name}"`)
  const { owner } = ruledBusiness(world, bot, p, 'can_change_gift_settings')
  owner.profile = {
    ...owner.profile,
    accepted_gift_types: { gifts_from_channels: true, ...types },
  }
  owner.showsGiftButton = bool(p, 'show_gift_button')
  return true
}

export const gifts: Record<string, Method> = {
  getUserGifts,
  getChatGifts,
  sendGift,
  getBusinessAccountGifts,
  getBusinessAccountStarBalance,
  transferBusinessAccountStars,
  convertGiftToStars,
  upgradeGift,
  transferGift,
  setBusinessAccountGiftSettings,
}
