import { randomBytes } from './lib/crypto.ts'
import { bad } from './errors.ts'
import type { Obj } from './params.ts'
import type { Bot, World } from './store.ts'

export const chargeId = () => `stx${randomBytes(24).toString('base64url')}`

/** Takes Stars from a bot. @throws bad BALANCE_TOO_LOW */
export function pay(bot: Bot, stars: number, nanostars = 0): void {
  let nano = bot.nanostars - nanostars
  const borrowed = nano < 0 ? Math.ceil(-nano / 1e9) : 0
  nano += borrowed * 1e9
  const left = bot.stars - stars - borrowed
  if (left < 0) throw bad('BALANCE_TOO_LOW')
  bot.stars = left
  bot.nanostars = nano
}

/** Gives Stars to a bot, in billionths; below zero it takes them, also from an empty balance. */
export function receive(bot: Bot, nanostars: number): void {
  const all = bot.nanostars + nanostars
  const whole = Math.floor(all / 1e9)
  bot.stars += whole
  bot.nanostars = all - whole * 1e9
}

/** Appends to what getStarTransactions lists. */
export function addTransaction(world: World, bot: Bot, transaction: Obj): void {
  bot.transactions.push({
    id: chargeId(),
    date: Math.floor(world.clock.now() / 1000),
    ...transaction,
  })
}
