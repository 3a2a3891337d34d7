import { placeOf, type Place } from '../chats.ts'
import { bad } from '../errors.ts'
import { mediaFields, storeFile } from '../files.ts'
import { inlineMessage, isInline } from '../inline-messages.ts'
import { editMessage } from '../messages.ts'
import { bool, int, required, userId, type Obj, type Params } from '../params.ts'
import { userOfPerson, type Bot, type Stored, type World } from '../store.ts'
import type { Call, Method } from './call.ts'
import { deliver } from './deliver.ts'

/** A game that BotFather gave to a bot. */
export interface Game {
  shortName: string
  title: string
  description: string
  photo: Buffer
}

/** How many neighbours of a player a table of scores shows on each side, and how many of the best ("Bot API"). */
const NEIGHBOURS = 2
const BEST = 3

const sendGame: Method = (call) => {
  const { world, bot, p } = call
  const shortName = required(p, 'game_short_name')
  const { group } = placeOf(world, bot, p)
  if (group?.type === 'channel') throw bad("games can't be sent to channel chats")
  const { content, game } = gameContent(world, bot, shortName)
  return deliver(call, content, { game })
}

export function gameContent(world: World, bot: Bot, shortName: string) {
  const game = bot.games.get(shortName)
  if (!game) throw bad('wrong game short name specified')
  const { title, description } = game
  const content: Obj = { game: { title, description, ...photoOf(world, bot, game) } }
  return { content, game: { shortName, title } }
}

function photoOf(world: World, bot: Bot, { photo }: Game): Obj {
  const known = [...bot.files.values()].find(({ kind, bytes }) => kind === 'photo' && bytes === photo)
  const file = known ?? storeFile(world, bot, 'photo', { name: 'game.jpg', type: 'image/jpeg', bytes: photo })
  return mediaFields(file)
}

/** The message with a game that a call is about. @param what how a refusal names it */
function played({ world, bot, p }: Call, what: string): { place: Place; stored: Stored; player: number } {
  const player = userId(p)
  const { place, stored } = isInline(p) ? inlineMessage(world, bot, p) : messageOf(world, bot, p, what)
  if (!world.people.has(player)) throw bad('user not found')
  return { place, stored, player }
}

function messageOf(world: World, bot: Bot, p: Params, what: string): { place: Place; stored: Stored } {
  const place = placeOf(world, bot, p)
  const stored = place.box.messages.get(int(p, 'message_id'))
  if (!stored || stored.deleted) throw bad(`${what} not found`)
  return { place, stored }
}

/** Scores belong to a game in a chat, in whichever of its messages it was played. */
function scoresOf(bot: Bot, place: Place, stored: Stored): Map<number, number> {
  const key = `${place.chat}:${stored.game!.shortName}`
  const known = bot.scores.get(key)
  if (known) return known
  const scores = new Map<number, number>()
  bot.scores.set(key, scores)
  return scores
}

const ranked = (scores: Map<number, number>) =>
  [...scores].toSorted(([, a], [, b]) => b - a).map(([id, score], at) => ({ id, score, position: at + 1 }))

const setGameScore: Method = (call) => {
  const { world, bot, p } = call
  const { place, stored, player } = played(call, 'message to set game score')
  if (!stored.game || stored.botId !== bot.id) throw bad("game score can't be set")
  const score = int(p, 'score')
  if (score < 0) throw bad('SCORE_INVALID')
  const scores = scoresOf(bot, place, stored)
  const before = scores.get(player)
  if (score === before || (score < (before ?? 0) && !bool(p, 'force'))) throw bad('BOT_SCORE_NOT_MODIFIED')
  scores.set(player, score)
  if (!bool(p, 'disable_edit_message')) {
    const table = ranked(scores)
      .slice(0, BEST)
      .map((row) => `${row.position}. ${world.people.get(row.id)?.first_name ?? ''} – ${row.score}`)
    const game = { ...(stored.api['game'] as Obj), text: table.join('\n') }
    editMessage(world, bot, place, stored, { ...stored.api, game })
  }
  return place.inline ? true : stored.api
}

const getGameHighScores: Method = (call) => {
  const { place, stored, player } = played(call, 'message to get game high scores')
  if (!stored.game || stored.botId !== call.bot.id) throw bad('MESSAGE_ID_INVALID')
  const table = ranked(scoresOf(call.bot, place, stored))
  const at = table.findIndex(({ id }) => id === player)
  return table
    .filter((_, n) => n < BEST || (at >= 0 && Math.abs(n - at) <= NEIGHBOURS))
    .flatMap(({ id, score, position }) => {
      const person = call.world.people.get(id)
      return person ? [{ position, user: userOfPerson(person), score }] : []
    })
}

export const games: Record<string, Method> = { sendGame, setGameScore, getGameHighScores }
