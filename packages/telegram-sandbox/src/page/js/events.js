import { api } from './api.js'
import { emit } from './bus.js'
import { recordCall, recordMessage, recordUpdate } from './lanes.js'
import {
  chatOf,
  loadChat,
  personaOf,
  refreshBots,
  refreshPeople,
  setAction,
  state,
  visibleChats,
} from './store.js'

/** Follows the simulator's event stream for the life of the page; EventSource reconnects and resumes by itself. */
export function follow() {
  const stream = api.events()
  const listen = (type, handler) => {
    stream.addEventListener(type, (event) => handler(JSON.parse(event.data), type))
  }
  listen('message', onMessage)
  listen('edit', onMessage)
  listen('delete', onDelete)
  listen('action', (data) => inChat(data, (chat) => setAction(chat, data.action)))
  listen('keyboard', (data) =>
    inChat(data, (chat) => {
      chat.replyKeyboard = data.replyKeyboard
      emit('keyboard', { chat })
    }),
  )
  listen('payment', (data) => emit('payment', data))
  listen('update', (data) => (ours(data) ? recordUpdate(data) : undefined))
  listen('call', (data) => {
    if (ours(data)) recordCall(data)
    if (data.fault) emit('faults')
  })
  listen('bot', () => refreshBots().catch(report))
  listen('person', onPerson)
  listen('gap', () => reloadAll().catch(report))
  stream.addEventListener('open', () => {
    const again = state.connected === false && state.wasConnected
    state.connected = true
    state.wasConnected = true
    emit('connection')
    if (again) reloadAll().catch(report)
  })
  stream.addEventListener('error', () => {
    state.connected = false
    emit('connection')
  })
}

const report = (error) => console.warn(error)

/** Events about made-up crowds are ignored: only bots and personas are on the page. */
const ours = (data) => !data.person || Boolean(personaOf(data.person))

function inChat(data, act) {
  if (!data.bot || !personaOf(data.person)) return
  const chat = chatOf(data.bot, data.person)
  chat.events += 1
  act(chat)
}

function onMessage(data, type) {
  inChat(data, (chat) => {
    const message = data.message
    const known = chat.messages.get(message.message_id)
    chat.messages.set(message.message_id, message)
    chat.started = true
    recordMessage(data)
    if (message.from !== 'person') {
      if (chat.action) setAction(chat, null)
      if (!visibleChats().includes(chat.key)) {
        chat.unread += 1
        emit('people')
      }
    }
    emit(known ? 'edit' : type, { chat, message })
    emit('people')
  })
}

function onDelete(data) {
  inChat(data, (chat) => {
    chat.messages.delete(data.message_id)
    emit('delete', { chat, messageId: data.message_id })
  })
}

/** People come in crowds too, so the page looks at them once for many events. */
const LOOK_AFTER_MS = 300
let look

function onPerson(data) {
  if (personaOf(data.person)) {
    for (const chat of state.chats.values())
      if (chat.loaded && chat.person === data.person) loadChat(chat.bot, chat.person).catch(report)
  }
  clearTimeout(look)
  look = setTimeout(() => refreshPeople().catch(report), LOOK_AFTER_MS)
}

async function reloadAll() {
  await Promise.all([refreshBots(), refreshPeople()])
  for (const chat of state.chats.values()) if (chat.loaded) await loadChat(chat.bot, chat.person)
}
