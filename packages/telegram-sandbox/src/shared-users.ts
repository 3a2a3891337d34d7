import { mediaFields } from './files.ts'
import { isObj, type Obj } from './params.ts'
import { Refused } from './refused.ts'
import type { Person, World } from './store.ts'

/**
 * `users_shared` as the bot gets it when somebody answers a `request_users` key: the request's id, and of each person
 * only what was asked for (Bot API, KeyboardButtonRequestUsers and SharedUser).
 * @param body `{request_id, users: [{user_id}]}`: which key was pressed and who was picked
 * @throws Refused when there is no such key on the screen, or it does not let one pick these
 */
export function sharedUsers(world: World, replyKeyboard: Obj | null, body: Obj): Obj {
  const keys = (replyKeyboard?.['keyboard'] ?? []) as unknown[][]
  const requests = keys.flat().map((key) => (isObj(key) ? key['request_users'] : undefined))
  const request = requests.filter(isObj).find((one) => one['request_id'] === body['request_id'])
  if (!request) throw new Refused(409, 'there is no key with this request on the screen')
  const most = Number(request['max_quantity'] ?? 1)
  const ids = (Array.isArray(body['users']) ? body['users'] : []).map((one: unknown) =>
    isObj(one) ? Number(one['user_id']) : Number.NaN,
  )
  if (ids.length < 1 || ids.length > most || new Set(ids).size < ids.length)
    throw new Refused(400, `one can pick 1 to ${most} different people`)
  return { request_id: request['request_id'], users: ids.map((id) => shared(world, request, id)) }
}

function shared(world: World, request: Obj, id: number): Obj {
  const bot = world.bots.get(id)
  if (bot) {
    if (request['user_is_bot'] === false) throw new Refused(400, 'bots cannot be picked here')
    const name = { ...(request['request_name'] === true && { first_name: bot.name }) }
    return { user_id: id, ...name, ...(request['request_username'] === true && { username: bot.username }) }
  }
  const person = world.people.get(id)
  if (!person) throw new Refused(404, `there is no person ${id}`)
  if (request['user_is_bot'] === true) throw new Refused(400, 'only bots can be picked here')
  const premium = request['user_is_premium']
  if (typeof premium === 'boolean' && premium !== Boolean(person.is_premium))
    throw new Refused(400, premium ? 'only people with Premium can be picked' : 'no Premium here')
  return { user_id: id, ...named(request, person) }
}

function named(request: Obj, { first_name, last_name, username, photo }: Person): Obj {
  return {
    ...(request['request_name'] === true && { first_name, ...(last_name && { last_name }) }),
    ...(request['request_username'] === true && username && { username }),
    ...(request['request_photo'] === true && photo && mediaFields(photo)),
  }
}
