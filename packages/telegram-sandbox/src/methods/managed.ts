import { bad } from '../errors.ts'
import { randomBytes } from '../lib/crypto.ts'
import { bool, json, userId, type Obj } from '../params.ts'
import { userOfBot, userOfPerson, type Bot, type Person, type World } from '../store.ts'
import { happen } from '../updates.ts'
import type { Call, Method } from './call.ts'

/** A bot that a person made for another bot, with the people who may use it. */
export interface Managed {
  by: number
  owner: number
  isRestricted: boolean
  added: number[]
}

function managedOf({ world, bot, p }: Call): { managed: Managed; other: Bot } {
  const other = world.bots.get(userId(p))
  if (!other?.managed || other.managed.by !== bot.id) throw bad('BOT_INVALID')
  return { managed: other.managed, other }
}

export const tokenOf = (id: number) => `${id}:AA${randomBytes(25).toString('base64url').slice(0, 33)}`

/** Tells the bot that manages another one that the other bot is there, or has a new token. */
export function tellManager(world: World, { by, owner }: Managed, other: Bot): void {
  const manager = world.bots.get(by)
  const person = world.people.get(owner)
  if (manager && person)
    happen(world, manager, 'managed_bot', { user: userOfPerson(person), bot: userOfBot(other) })
}

const getManagedBotToken: Method = (call) => managedOf(call).other.token

const replaceManagedBotToken: Method = (call) => {
  const { managed, other } = managedOf(call)
  other.token = tokenOf(other.id)
  tellManager(call.world, managed, other)
  return other.token
}

const getManagedBotAccessSettings: Method = (call) => {
  const { isRestricted, added } = managedOf(call).managed
  const users: Obj[] = added.flatMap((id) => {
    const person: Person | undefined = call.world.people.get(id)
    return person ? [userOfPerson(person)] : []
  })
  return { is_access_restricted: isRestricted, ...(isRestricted && { added_users: users }) }
}

const setManagedBotAccessSettings: Method = (call) => {
  const { managed } = managedOf(call)
  const given = json(call.p, 'added_user_ids', 'added_user_ids') ?? []
  if (!Array.isArray(given)) throw bad('expected an Array of user identifiers')
  managed.isRestricted = bool(call.p, 'is_access_restricted')
  managed.added = managed.isRestricted ? given.map(Number) : []
  return true
}

export const managedBots: Record<string, Method> = {
  getManagedBotToken,
  replaceManagedBotToken,
  getManagedBotAccessSettings,
  setManagedBotAccessSettings,
}
