import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { LANGUAGES, inLanguages } from '#shared/i18n/languages.ts'
import type { Reader } from '#shared/reader.ts'
import type { Secrets } from '#shared/secrets.ts'

/* The questions of a service to its buyer: fields that the owner names, and the buyer's answers. */

const TYPES = ['text', 'number', 'choice', 'photo'] as const

/** What was typed before the shop spoke a language has no word in it: a word of another language stands there. */
const names = z
  .record(z.string(), z.string())
  .transform((typed) => inLanguages((language) => typed[language] ?? Object.values(typed)[0] ?? ''))

const ask = z.object({
  type: z.enum(TYPES),
  name: names,
  /** What a choice offers. */
  options: z.array(z.string()).optional(),
})
export type AskedField = z.infer<typeof ask>

const serviceTerms = z.object({
  /** The service must be done within this many hours; otherwise the money goes back. */
  hours: z.number().int(),
  asks: z.array(ask),
})
export type ServiceTerms = z.infer<typeof serviceTerms>

/**
 * The terms of a service.
 * @returns the defaults when its owner has set none
 */
export const serviceTermsOf = ({ terms }: { terms: unknown }): ServiceTerms =>
  serviceTerms.safeParse(terms).data ?? { hours: 24, asks: [] }

export const MOST_ASKS = 8
const LONGEST_NAME = 100
const LONGEST_OPTION = 40
const MOST_OPTIONS = 12
export const LONGEST_HOURS = 24 * 30

/** A field as the owner types it: `choice | Сервер | Server | EU, US`. @throws UserError `item.ask` */
export function readAsk(line: string): AskedField {
  const [type = '', ...parts] = line.split('|').map((part) => part.trim())
  const name = inLanguages((language) => parts[LANGUAGES.indexOf(language)] ?? '')
  const options = parts[LANGUAGES.length] ?? ''
  const named = Object.values(name).every((one) => one !== '' && one.length <= LONGEST_NAME)
  const list = [...new Set(options.split(',').map((one) => one.trim()))].filter(Boolean)
  const chosen = type !== 'choice' || (list.length > 1 && list.length <= MOST_OPTIONS)
  const known = TYPES.find((one) => one === type.toLowerCase())
  if (!known || !named || !chosen || list.some((one) => one.length > LONGEST_OPTION))
    throw new UserError('item.ask')
  return { type: known, name, ...(known === 'choice' && { options: list }) }
}

export const writeAsk = ({ type, name, options }: AskedField): string =>
  [type, ...LANGUAGES.map((language) => name[language]), ...(options ? [options.join(', ')] : [])].join(' | ')

/** What somebody filled in; of a photo the id that it has in the bot it was sent to. */
const answersKept = z.object({ asks: z.array(ask), values: z.array(z.string()) })
export type Answers = z.infer<typeof answersKept>

const LONGEST_ANSWER = 500

/**
 * Reads a typed answer.
 * @throws UserError that says what is wanted
 */
export function readAnswer(
  { type, options = [] }: AskedField,
  given: { text: string; photo?: string | undefined },
): string {
  const text = given.text.trim()
  if (type === 'photo') {
    if (given.photo === undefined) throw new UserError('answer.photo')
    return given.photo
  }
  if (type === 'choice') {
    const chosen = options.find((one) => one.toLowerCase() === text.toLowerCase())
    if (chosen === undefined) throw new UserError('answer.choice')
    return chosen
  }
  if (type === 'number' && !/^-?\d{1,15}([.,]\d{1,6})?$/.test(text)) throw new UserError('answer.number')
  if (text === '' || text.length > LONGEST_ANSWER)
    throw new UserError('answer.text', { most: LONGEST_ANSWER })
  return text
}

/** Answers are encrypted, because a buyer may write the password of an account. */
export const sealAnswers = (shelf: Secrets, orderId: string, answers: Answers): Buffer =>
  shelf.encrypt(`shelf answers ${orderId}`, JSON.stringify(answers))

export const openAnswers = (shelf: Secrets, orderId: string, sealed: Uint8Array): Answers =>
  answersKept.parse(JSON.parse(shelf.decrypt(`shelf answers ${orderId}`, sealed)))

/** Whether the answers fit the fields that are asked now. */
export const areWhole = (answers: Answers | undefined, asks: readonly AskedField[]): boolean =>
  (answers?.values.length ?? 0) === asks.length &&
  JSON.stringify(answers?.asks ?? []) === JSON.stringify(asks)

/** What the buyer filled in, a line for each field. */
export const answerLines = (
  { language, t }: Pick<Reader, 'language' | 't'>,
  { asks, values }: Answers,
): string[] =>
  asks.map(({ name, type }, at) => {
    const value = type === 'photo' ? t('shelf-answer-photo') : escapeHtml(values[at] ?? '')
    return `<b>${escapeHtml(name[language])}</b>\n${value}`
  })
