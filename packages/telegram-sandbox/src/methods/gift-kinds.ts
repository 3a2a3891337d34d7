import { randomInt } from '../lib/crypto.ts'
import { bad } from '../errors.ts'
import type { Obj } from '../params.ts'
import type { Bot, World } from '../store.ts'
import type { Method } from './call.ts'

/** A few of Telegram's ordinary gifts: id and price in Stars. */
const GIFTS = [
  { id: '5170233102089322756', star_count: 15, upgrade_star_count: 25, emoji: '🧸' },
  { id: '5170145012310081615', star_count: 15, upgrade_star_count: 25, emoji: '💝' },
  { id: '5170250947678437525', star_count: 25, upgrade_star_count: 25, emoji: '🎁' },
  { id: '5168103777563050263', star_count: 25, upgrade_star_count: 25, emoji: '🌹' },
  { id: '5170144170496491616', star_count: 50, upgrade_star_count: 25, emoji: '🎂' },
  { id: '5168043875654172773', star_count: 100, upgrade_star_count: 25, emoji: '🏆' },
]

export type Gift = (typeof GIFTS)[number]

/** How many there are of a limited gift, for everybody and for each bot, and how many bots have given so far. */
export interface GiftLimit {
  total: number
  left: number
  perBot?: number
  given: Map<number, number>
}

/** One of the gifts that can be bought. */
export const giftWith = (id: string): Gift | undefined => GIFTS.find((one) => one.id === id)

const leftFor = ({ perBot, given }: GiftLimit, bot: Bot): number | undefined =>
  perBot === undefined ? undefined : perBot - (given.get(bot.id) ?? 0)

/** Takes one of a limited gift. @throws bad where all are given, or the bot has given its share */
export function takeGift(world: World, bot: Bot, { id }: Gift): void {
  const limit = world.giftLimits.get(id)
  if (!limit) return
  if (limit.left <= 0) throw bad('STARGIFT_USAGE_LIMITED')
  if ((leftFor(limit, bot) ?? 1) <= 0) throw bad('STARGIFT_USER_USAGE_LIMITED')
  limit.left -= 1
  limit.given.set(bot.id, (limit.given.get(bot.id) ?? 0) + 1)
}

const stickerOf = (id: string, emoji: string): Obj => ({
  file_id: `CAAC${id}`,
  file_unique_id: `AgAD${id}`,
  type: 'custom_emoji',
  width: 512,
  height: 512,
  is_animated: true,
  is_video: false,
  emoji,
})

/** A kind of gift as the Bot API describes it. */
export const giftView = ({ emoji, ...gift }: Gift): Obj => ({ ...gift, sticker: stickerOf(gift.id, emoji) })

/** The unique gift that this gift becomes when it is upgraded. */
export function uniqueOf({ id, emoji }: Gift): Obj {
  const number = randomInt(1, 100_000)
  const rarity = { rarity_per_mille: 10 }
  return {
    gift_id: id,
    base_name: 'Sandbox',
    name: `Sandbox-${number}`,
    number,
    model: { name: 'Plain', sticker: stickerOf(id, emoji), ...rarity },
    symbol: { name: 'Star', sticker: stickerOf(`${id}1`, '⭐'), ...rarity },
    backdrop: {
      name: 'Sand',
      colors: { center_color: 0xe8d8a8, edge_color: 0xc8b070, symbol_color: 0x806020, text_color: 0x403010 },
      ...rarity,
    },
  }
}

/** Limited gifts say how many are left, also when none is. */
function limitView(world: World, bot: Bot, { id }: Gift): Obj {
  const limit = world.giftLimits.get(id)
  if (!limit) return {}
  const personal = leftFor(limit, bot)
  return {
    total_count: limit.total,
    remaining_count: limit.left,
    ...(personal !== undefined && {
      personal_total_count: limit.perBot,
      personal_remaining_count: personal,
    }),
  }
}

export const getAvailableGifts: Method = ({ world, bot }) => ({
  gifts: GIFTS.map((gift) => ({ ...giftView(gift), ...limitView(world, bot, gift) })),
})
