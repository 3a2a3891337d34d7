import { placeOf } from '../chats.ts'
import { bad } from '../errors.ts'
import { required } from '../params.ts'
import type { Group } from '../store.ts'
import type { Call, Method } from './call.ts'
import { checkTopicRight, forum, topicOf } from './topics.ts'

/** The topic that every forum has, and that stays when all others are deleted. */
export interface GeneralTopic {
  name: string
  closed: boolean
  hidden: boolean
}

const generalOf = (group: Group): GeneralTopic =>
  (group.general ??= { name: 'General', closed: false, hidden: false })

/** A forum whose topic the bot may change. */
function ruled(call: Call, what: string): Group {
  const group = forum(call)
  checkTopicRight(call, group, what)
  return group
}

const editGeneralForumTopic: Method = (call) => {
  const general = generalOf(ruled(call, 'edit the'))
  const name = required(call.p, 'name').trim()
  if (name === '') throw bad('TOPIC_TITLE_INVALID')
  if (name === general.name) throw bad('TOPIC_NOT_MODIFIED')
  general.name = name
  return true
}

/** Sets one state of the topic. Hiding closes it as well ("Bot API", hideGeneralForumTopic). */
const turn =
  (state: 'closed' | 'hidden', to: boolean, what: string): Method =>
  (call) => {
    const general = generalOf(ruled(call, what))
    if (general[state] === to) throw bad('TOPIC_NOT_MODIFIED')
    general[state] = to
    if (state === 'hidden' && to) general.closed = true
    // A topic that is open is also shown.
    if (state === 'closed' && !to) general.hidden = false
    return true
  }

/** Takes the pins off the messages of one topic; messages of General name no topic. */
const unpinAllIn =
  (isGeneral: boolean): Method =>
  (call) => {
    const thread = isGeneral ? undefined : topicOf(call, 'pin or unpin the').topic.message_thread_id
    if (isGeneral) ruled(call, 'pin or unpin the')
    const { box } = placeOf(call.world, call.bot, call.p)
    box.pinned = box.pinned.filter((id) => box.messages.get(id)?.api['message_thread_id'] !== thread)
    return true
  }

export const generalTopic: Record<string, Method> = {
  editGeneralForumTopic,
  closeGeneralForumTopic: turn('closed', true, 'close or open the'),
  reopenGeneralForumTopic: turn('closed', false, 'close or open the'),
  hideGeneralForumTopic: turn('hidden', true, 'edit the'),
  unhideGeneralForumTopic: turn('hidden', false, 'edit the'),
  unpinAllForumTopicMessages: unpinAllIn(false),
  unpinAllGeneralForumTopicMessages: unpinAllIn(true),
}
