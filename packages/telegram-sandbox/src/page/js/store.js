import { api } from './api.js'
import { emit } from './bus.js'
import { language } from './words.js'

const KEEP = 'telegram-sandbox'

/** What the page shows now. Chats are filled from the simulator and kept fresh by its events. */
export const state = {
  config: { personas: [], bots: [] },
  bots: [],
  people: [],
  bot: '',
  person: 0,
  split: false,
  connected: false,
  chats: new Map(),
  ...remembered(),
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEEP) ?? '{}')
  } catch {
    return {}
  }
}

export function remember(language) {
  const { bot, person, split } = state
  localStorage.setItem(
    KEEP,
    JSON.stringify({ bot, person, split, language: language ?? remembered().language }),
  )
}

export const rememberedLanguage = () => remembered().language

/** A chat of one person with one bot; empty until it is loaded. */
export function chatOf(bot, person) {
  const key = `${bot}:${person}`
  let chat = state.chats.get(key)
  if (!chat) {
    chat = {
      key,
      bot,
      person,
      loaded: false,
      /** How many events were about this chat. */
      events: 0,
      info: undefined,
      started: false,
      blocked: false,
      messages: new Map(),
      replyKeyboard: null,
      action: null,
      actionAt: 0,
      unread: 0,
      waiting: new Set(),
    }
    state.chats.set(key, chat)
  }
  return chat
}

/** Reads a chat anew. If an event comes meanwhile, it may be newer than the answer, so the chat is read again. */
export async function loadChat(bot, person) {
  const chat = chatOf(bot, person)
  let fresh
  let seen
  do {
    seen = chat.events
    fresh = await api.chat(bot, person)
  } while (seen !== chat.events)
  chat.loaded = true
  chat.info = fresh.bot
  chat.started = fresh.started
  chat.blocked = fresh.blocked
  chat.replyKeyboard = fresh.replyKeyboard
  setAction(chat, fresh.action)
  chat.messages = new Map(fresh.messages.filter((m) => !m.deleted).map((m) => [m.message_id, m]))
  emit('chat', { chat })
  return chat
}

/** Telegram shows a chat action for 5 seconds or until the bot writes. */
const ACTION_MS = 5_000

export function setAction(chat, action) {
  chat.action = action
  chat.actionAt = Date.now()
  emit('action', { chat })
  if (!action) return
  setTimeout(() => {
    if (Date.now() - chat.actionAt >= ACTION_MS - 50 && chat.action) setAction(chat, null)
  }, ACTION_MS)
}

export const visibleChats = () => {
  const keys = [`${state.bot}:${state.person}`]
  if (state.split) keys.push(`${state.bot}:${partner()}`)
  return keys
}

/** The person beside the chosen one in the split view: the admin, or for the admin the first of the others. */
export function partner() {
  const admin = state.config.personas.find((p) => p.admin)?.id
  if (admin !== undefined && state.person !== admin) return admin
  const first = firstPersona()?.id
  return first === state.person ? state.config.personas.find((p) => p.id !== first)?.id : first
}

/** The first persona who reads the language of the page. */
export const firstPersona = () =>
  state.config.personas.find((p) => p.language_code === language()) ?? state.config.personas[0]

/** The persona with this part; if there are two, the one who reads the language of the page. */
export function personaFor(key) {
  const fit = state.config.personas.filter((p) => p.key === key)
  return fit.find((p) => p.language_code === language()) ?? fit[0]
}

export const personaOf = (id) => state.config.personas.find((p) => p.id === id)
export const botOf = (username) => state.bots.find((b) => b.username === username)

/** Names and, in the chats, descriptions and commands, which may differ from person to person. */
export async function refreshBots() {
  state.bots = await api.bots()
  emit('people')
  for (const chat of state.chats.values()) {
    if (chat.loaded) chat.info = (await api.chat(chat.bot, chat.person, 1)).bot
  }
}

export async function refreshPeople() {
  state.people = await api.people()
  emit('people')
}
