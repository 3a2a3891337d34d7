import { isObj, type Obj } from './params.ts'
import { Refused } from './refused.ts'
import { botNamed, type Bot, type Group, type Person, type World } from './store.ts'

/** One request to the control API. */
export interface Ask {
  world: World
  /** The parts of the path that the route names with a colon. */
  path: Record<string, string>
  query: URLSearchParams
  body: unknown
}

/** Returns the answer's body; `created` makes it a 201. */
export type Route = (ask: Ask) => unknown

export const created = Symbol('created')

/** An answer that goes out as 201. */
export const withStatus201 = (body: unknown): Obj => ({ [created]: body }) as Obj

export function botOf(world: World, username: string | undefined) {
  const bot = botNamed(world, username ?? '')
  if (!bot) throw new Refused(404, `there is no bot "${username}"`)
  return bot
}

export function personOf(world: World, id: string | undefined) {
  const person = world.people.get(Number(id))
  if (!person) throw new Refused(404, `there is no person ${id}`)
  return person
}

export function groupOf(world: World, id: string | undefined): Group {
  const group = world.groups.get(Number(id))
  if (!group) throw new Refused(404, 'there is no such chat')
  return group
}

export function objectOf(body: unknown): Obj {
  if (!isObj(body)) throw new Refused(400, 'the body must be an object')
  return body
}

export const numbersOf = (value: unknown): number[] => {
  if (!Array.isArray(value)) throw new Refused(400, 'options must be an array of numbers')
  return value.map(Number)
}

export const CHAT = '/chats/:bot/:person'

/** A route of what a person does in the chat with a bot. */
export const inChat =
  (act: (ask: Ask, bot: Bot, person: Person) => unknown): Route =>
  (ask) =>
    act(ask, botOf(ask.world, ask.path['bot']), personOf(ask.world, ask.path['person']))
