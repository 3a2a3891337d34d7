import { shorten } from './storable.ts'

/**
 * An answer of a third party may repeat what our call sent: keys, addresses, a wallet's words, in any encoding.
 * Answers go into tables, stories and alerts, where secrets must not be, so everything sent is removed from them.
 */

/** Replaces a value that our call sent. */
export const SENT = '[sent]'
/**
 * A piece of a value with at least this many characters is removed like the whole value, because answers also quote
 * values that are cut off.
 */
const PIECE = 10
/** Shorter values are ordinary words, states and numbers; an answer without them would say nothing. */
const SHORTEST = 6
/** A shorter number is an amount or a size; phone numbers are longer. */
const SHORTEST_NUMBER = 9
/** The beginning of a picture or a long text is enough to recognise it. */
const LONGEST = 4_096
const BODY_BYTES = 64 * 1024
/** A wallet's word list has 2,048 words of 3 to 8 letters, and a recovery phrase has at least 12 words. */
const PHRASE = /^(?:[a-z]{3,8}[\s,]+){11,}[a-z]{3,8}$/

export interface Sent {
  url: string
  headers?: Record<string, string>
  body?: string | Uint8Array
}

/** The credentials of a call. They are removed even from a good answer. */
export function credentialsOf({ url, headers = {} }: Sent): string[] {
  const values = Object.entries(headers).flatMap(([name, value]) =>
    /^(content-type|accept)$/i.test(name) ? [] : [value, ...value.split(/\s+/)],
  )
  const basic = values.map((value) => Buffer.from(value, 'base64').toString('utf8'))
  const pairs = basic.flatMap((text) =>
    /^[\x20-\x7e]+:[\x20-\x7e]+$/.test(text) ? [text, ...text.split(':')] : [],
  )
  // Telegram's addresses contain the bot's token.
  const inAddress = /\/bot(\d+:[\w-]+)/.exec(url)?.[1]
  const { username = '', password = '' } = URL.canParse(url) ? new URL(url) : {}
  return [...values, ...pairs, inAddress ?? '', decoded(username), decoded(password)].filter(
    (value) => value.length >= SHORTEST,
  )
}

/**
 * Every value that a call sent, and separately the words of a phrase, because even one word of a wallet must not be
 * shown.
 */
function valuesOf(sent: Sent): { values: string[]; words: string[] } {
  const values = credentialsOf(sent)
  const words: string[] = []
  const take = (value: unknown): void => {
    if (typeof value === 'string' || typeof value === 'number') return void values.push(String(value))
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value) && value.length >= 12) {
      words.push(...value.filter((one): one is string => typeof one === 'string' && /^\p{L}{3,}$/u.test(one)))
    }
    for (const one of Object.values(value)) take(one)
  }
  if (URL.canParse(sent.url)) {
    const { searchParams, pathname } = new URL(sent.url)
    values.push(...searchParams.values())
    // Parts of an address that name a route are words; an id of somebody or something contains a digit.
    values.push(
      ...pathname
        .split('/')
        .map(decoded)
        .filter((part) => /\d/.test(part)),
    )
  }
  if (sent.body !== undefined) take(bodyOf(sent.body))
  for (const value of values) if (PHRASE.test(value.trim())) words.push(...value.trim().split(/[\s,]+/))
  return { values, words }
}

/** The values of a body that is JSON, a form, or lines as in a multipart body. */
function bodyOf(body: string | Uint8Array): unknown {
  const text = typeof body === 'string' ? body : Buffer.from(body.subarray(0, BODY_BYTES)).toString('utf8')
  try {
    return JSON.parse(text) as unknown
  } catch {
    if (/^[\w.-]+=[^\s]*$/.test(text)) return [...new URLSearchParams(text).values()]
    return text.split(/[\r\n]+/).filter((line) => !/^(?:--|content-)/i.test(line))
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The encodings of a value: plain, JSON, address, HTML, hex, and base64 of any text that contains it. */
export function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1)
  const bytes = Buffer.from(value)
  // In base64 a text looks different for each of three offsets; only its complete groups of 3 bytes are certain.
  const based = [0, 1, 2].flatMap((shift) => {
    const groups = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    const own = groups.slice(shift === 0 ? 0 : 4, Math.floor((shift + bytes.length) / 3) * 4)
    return own.length >= 8 ? [own, own.replaceAll('+', '-').replaceAll('/', '_')] : []
  })
  return [
    ...new Set([
      value,
      json,
      json.replaceAll('/', '\\/'),
      json.replace(/[^\x20-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
      encodeURIComponent(value.toWellFormed()),
      encodeURI(value.toWellFormed()),
      new URLSearchParams({ '': value }).toString().slice(1),
      value
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;'),
      ...based,
      bytes.toString('hex'),
    ]),
  ]
}

/** JSON may escape any letter as a number; this undoes the escapes. */
export const unescaped = (text: string): string =>
  text.replace(/\\(\\|u00[2-7][0-9a-f])/gi, (as, what: string) => {
    const letter = String.fromCharCode(parseInt(what.slice(1), 16))
    return what === '\\' || /["\\\x7f]/.test(letter) ? as : letter
  })

/** @returns a function that removes the values from a text of any length */
export function without(values: readonly string[]): (text: string) => string {
  const forms = [...new Set(values.flatMap(formsOf))].toSorted((a, b) => b.length - a.length)
  return (text) =>
    forms.reduce((rest, form) => (rest.includes(form) ? rest.replaceAll(form, SENT) : rest), unescaped(text))
}

/** @returns a function that removes everything the call sent, in every encoding, whole or cut off */
export function withoutSent(sent: Sent): (text: string) => string {
  const { values, words } = valuesOf(sent)
  const pieces = new Set<string>()
  const whole = new Set<string>()
  for (const value of new Set(values)) {
    const known = shorten(value, LONGEST).replace(/^https?:\/\//, '')
    if (known.length < (/^[\d.]+$/.test(known) ? SHORTEST_NUMBER : SHORTEST)) continue
    for (const form of formsOf(known).map(lower)) {
      if (form.length <= PIECE) whole.add(form)
      for (let at = 0; at + PIECE <= form.length; at++) pieces.add(form.slice(at, at + PIECE))
    }
  }
  // People write a phone number with and without separators.
  const phones = values
    .map((value) => value.replace(/[\s()+.-]/g, ''))
    .filter((value) => /^\d{9,15}$/.test(value))
  const patterns = [
    ...[...new Set(phones)].map(
      (digits) => new RegExp(`\\+?${digits.split('').join('[\\s()+.-]{0,3}')}`, 'g'),
    ),
    ...[...whole].map((form) => alone(form)),
    ...[...new Set(words)].map((word) => alone(word)),
  ]
  return (text) => {
    const rest = patterns.reduce((left, pattern) => left.replace(pattern, SENT), unescaped(text))
    return withoutPieces(rest, pieces)
  }
}

const alone = (word: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\d])${word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}(?![\\p{L}\\d])`, 'giu')

/** Only ASCII is lowered: the lower case of another letter may have another length. */
const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** The time grows only linearly with the text's length. */
function withoutPieces(text: string, pieces: ReadonlySet<string>): string {
  const low = lower(text)
  let out = ''
  let kept = 0
  for (let at = 0; at + PIECE <= low.length; at++) {
    if (!pieces.has(low.slice(at, at + PIECE))) continue
    let end = at + PIECE
    while (end < low.length && pieces.has(low.slice(end - PIECE + 1, end + 1))) end++
    out += text.slice(kept, at) + SENT
    kept = end
    at = end - 1
  }
  return out + text.slice(kept)
}
