import { en } from './words/en.js'
import { ru } from './words/ru.js'

const texts = { en, ru }
let current = 'en'

export function addWords(words) {
  for (const code of Object.keys(texts)) Object.assign(texts[code], words[code])
}

/** The page's own words; the bot's language is the persona's affair. */
export function language() {
  return current
}

export function setLanguage(code) {
  current = code === 'ru' ? 'ru' : 'en'
  document.documentElement.lang = current
}

/** The text for a key, `{name}` filled in from `values`. */
export function t(key, values = {}) {
  const text = texts[current][key] ?? texts.en[key] ?? key
  return text.replaceAll(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole))
}

/** A value that is written in both languages: `{en, ru}`, or one text for both. */
export function inLanguage(text) {
  if (text === null || text === undefined) return ''
  return typeof text === 'string' ? text : (text[current] ?? text.en ?? '')
}

export function time(seconds) {
  return new Intl.DateTimeFormat(current === 'ru' ? 'ru-RU' : 'en-GB', {
    hour: '2-digit',
    minute: '2-digit',
  }).format(seconds * 1000)
}

export function day(seconds) {
  return new Intl.DateTimeFormat(current === 'ru' ? 'ru-RU' : 'en-GB', {
    day: 'numeric',
    month: 'long',
  }).format(seconds * 1000)
}

export function number(value) {
  return new Intl.NumberFormat(current === 'ru' ? 'ru-RU' : 'en-GB').format(value)
}

export function bytes(size) {
  if (size < 1024) return `${size} B`
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(1)} KB`
  return `${(size / 1024 / 1024).toFixed(1)} MB`
}
