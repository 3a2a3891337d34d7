import type { Place } from '../chats.ts'
import { bad } from '../errors.ts'
import { formatted } from '../format.ts'
import { editView } from '../messages.ts'
import { isObj, json, required, str, type Obj } from '../params.ts'
import { seconds, userOfPerson, type Bot, type Person, type Stored, type World } from '../store.ts'
import type { Call, Method } from './call.ts'
import { deliver } from './deliver.ts'
import { change, found } from './edit.ts'

/** "Bot API", InputChecklist. */
const MOST_TASKS = 30
const LONGEST_TITLE = 255
const LONGEST_TASK = 100

function wordsOf({ world }: Call, from: Obj, field: string, longest: number): Obj {
  const given = from[field]
  if (typeof given !== 'string') throw bad(`can't parse InputChecklist: Can't find field "${field}"`)
  const { text, entities } = formatted(world, given, str(from['parse_mode']), from[`${field}_entities`])
  if (text === '' || text.length > longest) throw bad('TODO_ITEM_INVALID')
  return { [field]: text, ...(entities.length > 0 && { [`${field}_entities`]: entities }) }
}

function checklistOf(call: Call): Obj {
  required(call.p, 'checklist')
  const given = json(call.p, 'checklist', 'InputChecklist')
  if (!isObj(given)) throw bad("can't parse InputChecklist: expected an Object")
  const { tasks } = given
  if (!Array.isArray(tasks)) throw bad('can\'t parse InputChecklist: Field "tasks" must be of type Array')
  if (tasks.length < 1 || tasks.length > MOST_TASKS) throw bad('TODO_ITEMS_INVALID')
  const listed = tasks.map((task: unknown) => {
    if (!isObj(task))
      throw bad("can't parse InputChecklist: Can't parse InputChecklistTask: expected an Object")
    const id = Number(task['id'])
    if (!Number.isSafeInteger(id) || id <= 0) throw bad('TODO_ITEM_INVALID')
    return { id, ...wordsOf(call, task, 'text', LONGEST_TASK) }
  })
  if (new Set(listed.map(({ id }) => id)).size < listed.length) throw bad('TODO_ITEM_DUPLICATE')
  return {
    ...wordsOf(call, given, 'title', LONGEST_TITLE),
    tasks: listed,
    ...(given['others_can_add_tasks'] === true && { others_can_add_tasks: true }),
    ...(given['others_can_mark_tasks_as_done'] === true && { others_can_mark_tasks_as_done: true }),
  }
}

/** Bots send checklists for business accounts only. */
const sendChecklist: Method = (call) => {
  required(call.p, 'business_connection_id')
  return deliver(call, { checklist: checklistOf(call) })
}

const editMessageChecklist: Method = (call) => {
  required(call.p, 'business_connection_id')
  const checklist = checklistOf(call)
  const { place, stored } = found(call)
  if (!stored.api['checklist']) throw bad("message can't be edited")
  return change(call, place, stored, ['checklist'], { checklist })
}

/** Somebody marks tasks as done, or as not done. @returns whether they may */
export function markTasks(
  world: World,
  bot: Bot,
  place: Place,
  stored: Stored,
  by: Person,
  is: { done: number[]; undone: number[] },
): boolean {
  const checklist = stored.api['checklist'] as { tasks: { id: number }[] } & Obj
  const own = (stored.api['from'] as { id: number }).id === by.id
  if (!own && checklist['others_can_mark_tasks_as_done'] !== true) return false
  const tasks = checklist.tasks.map((task) => {
    if (is.done.includes(task.id))
      return { ...task, completed_by_user: userOfPerson(by), completion_date: seconds(world) }
    if (!is.undone.includes(task.id)) return task
    const { completed_by_user: _, completion_date: __, ...open } = task as Obj
    return open
  })
  stored.api = { ...stored.api, checklist: { ...checklist, tasks } }
  editView(world, bot, place, stored)
  return true
}

export const checklists: Record<string, Method> = { sendChecklist, editMessageChecklist }
