import { mediaFields } from './files.ts'
import { isObj, type Obj } from './params.ts'
import { Refused } from './refused.ts'
import { isAdmin, hasRight } from './rights.ts'
import type { Bot, Group, Person, World } from './store.ts'

/**
 * `chat_shared` as the bot gets it when somebody answers a `request_chat` key (Bot API, KeyboardButtonRequestChat and
 * ChatShared).
 * @param body `{request_id, chat_id}`: which key was pressed and which chat was picked
 * @throws Refused when there is no such key, or it does not let one pick this chat
 */
export function sharedChat(
  world: World,
  bot: Bot,
  person: Person,
  replyKeyboard: Obj | null,
  body: Obj,
): Obj {
  const keys = (replyKeyboard?.['keyboard'] ?? []) as unknown[][]
  const requests = keys.flat().map((key) => (isObj(key) ? key['request_chat'] : undefined))
  const request = requests.filter(isObj).find((one) => one['request_id'] === body['request_id'])
  if (!request) throw new Refused(409, 'there is no key with this request on the screen')
  const group = world.groups.get(Number(body['chat_id']))
  if (!group) throw new Refused(404, `there is no chat ${String(body['chat_id'] as number)}`)
  if (!fits(request, group, bot, person)) throw new Refused(400, 'this chat cannot be picked here')
  return {
    request_id: request['request_id'],
    chat_id: group.id,
    ...(request['request_title'] === true && { title: group.title }),
    ...(request['request_username'] === true && group.username && { username: group.username }),
    ...(request['request_photo'] === true && group.photo && mediaFields(group.photo)),
  }
}

function fits(request: Obj, group: Group, bot: Bot, person: Person): boolean {
  const asked = (field: string, is: boolean) => request[field] === undefined || request[field] === is
  const rights = (field: string, id: number) =>
    !isObj(request[field]) ||
    Object.entries(request[field]).every(([right, wanted]) => wanted !== true || hasRight(group, id, right))
  const status = group.members.get(person.id)
  return (
    (request['chat_is_channel'] === true) === (group.type === 'channel') &&
    asked('chat_is_forum', group.isForum ?? false) &&
    asked('chat_has_username', group.username !== undefined) &&
    (request['chat_is_created'] !== true || status === 'creator') &&
    (request['bot_is_member'] !== true || group.members.has(bot.id)) &&
    (!isObj(request['user_administrator_rights']) || isAdmin(status)) &&
    rights('user_administrator_rights', person.id) &&
    (group.members.has(bot.id) ? rights('bot_administrator_rights', bot.id) : true)
  )
}
