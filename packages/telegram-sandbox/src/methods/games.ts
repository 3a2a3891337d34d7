import { placeOf, type Place } from '../chats.ts'
import { bad } from '../errors.ts'
import { mediaFields, storeFile } from '../files.ts'
import { editMessage } from '../messages.ts'
import { bool, int, required, text, userId, type Obj } from '../params.ts'
import { userOfPerson, type Bot, type Stored, type World } from '../store.ts'
import type { Call, Method } from './call.ts'
import { deliver } from './deliver.ts'

/** A game as its bot has it from BotFather. */
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
  const game = bot.games.get(shortName)
  if (!game) throw bad('wrong game short name specified')
  const { title, description } = game
  return deliver(
    call,
    { game: { title, description, ...photoOf(world, bot, game) } },
    { game: { shortName, title } },
  )
}

function photoOf(world: World, bot: Bot, { photo }: Game): Obj {
  const known = [...bot.files.values()].find(({ kind, bytes }) => kind === 'photo' && bytes === photo)
  const file = known ?? storeFile(world, bot, 'photo', { name: 'game.jpg', type: 'image/jpeg', bytes: photo })
  return mediaFields(file)
}

/** The message with a game that a call is about. @param what how a refusal names it */
function played({ world, bot, p }: Call, what: string): { place: Place; stored: Stored; player: number } {
  const player = userId(p)
  if (!text(p, 'chat_id') && int(p, 'message_id') === 0) {
    if (!text(p, 'inline_message_id')) throw bad('message identifier is not specified')
    throw bad('MESSAGE_ID_INVALID')
  }
  const place = placeOf(world, bot, p)
  const stored = place.box.messages.get(int(p, 'message_id'))
  if (!stored || stored.deleted) throw bad(`${what} not found`)
  if (!world.people.has(player)) throw bad('user not found')
  return { place, stored, player }
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
  return stored.api
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
