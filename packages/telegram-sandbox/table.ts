import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeMethods } from './describe.ts'
import { methodsOf } from './src/api.ts'

/*
 * Writes what follows from the description of the Bot API: src/described.ts, and the table of methods in the README.
 * `node table.ts`; a test compares.
 */

/* What the tests look at inside: without a server between, thousands of calls take a second. */
export { methodsOf } from './src/api.ts'
export { LIMITS, type Limit } from './src/described.ts'
export { ApiError } from './src/errors.ts'
export { beyond, withinLimits } from './src/field-limits.ts'
export { checked } from './src/fields.ts'
export { int } from './src/params.ts'
export { addBot, boxOf, createWorld } from './src/store.ts'

/** Methods that work in part, each with what is left out. A method that works and has no line here is done. */
const PARTLY: Record<string, string> = {
  getForumTopicIconStickers: 'six of more than a hundred: no public list says which there are',
  sendAnimation: 'a GIF stays one, where Telegram makes an MP4 of it: Node has no encoder',
  sendRichMessage:
    'links in the text are not detected; maps and keys stand only in blocks, references in none: no public source shows how the server does it',
}
/** Since which version of this package a method works; the others since 1.0.0. */
const SINCE: Record<string, string> = {}

const here = import.meta.dirname
const README = join(here, 'README.md')
const BEGIN = '<!-- methods: written by table.ts -->'
const END = '<!-- /methods -->'

/** By method: its fields with their kinds. */
export const described = describeMethods

export interface Row {
  method: string
  state: 'done' | 'partly' | 'not'
  note: string
}

export function rows(): Row[] {
  const works = methodsOf(async () => {})
  return Object.keys(describeMethods()).map((method) => {
    const note = PARTLY[method] ?? ''
    const state = method in works ? (note === '' ? 'done' : 'partly') : 'not'
    return { method, state, note }
  })
}

/** What works here and is in no description; a slip of a name would stand here. */
export const unknownMethods = () => {
  const described = describeMethods()
  const named = [...Object.keys(methodsOf(async () => {})), ...Object.keys(PARTLY), ...Object.keys(SINCE)]
  return named.filter((name) => !(name in described))
}

export function tableOf(all: Row[]): string {
  const count = (state: Row['state']) => all.filter((row) => row.state === state).length
  const lines = all
    .filter((row) => row.state !== 'not')
    .map(({ method, state, note }) => `| \`${method}\` | ${state} | ${SINCE[method] ?? '1.0.0'} | ${note} |`)
  const missing = all.filter((row) => row.state === 'not').map(({ method }) => `\`${method}\``)
  return [
    `Of the ${all.length} methods ${count('done')} are done, ${count('partly')} in part, ${count('not')} not.`,
    '',
    '| method | state | since | left out |',
    '|---|---|---|---|',
    ...lines,
    '',
    missing.length > 0 ? `Not: ${missing.join(', ')}.` : 'None is missing.',
  ].join('\n')
}

/** The README with the table of today. */
export function readmeWith(readme: string, table: string): string {
  const [before, rest = ''] = readme.split(BEGIN)
  return `${before}${BEGIN}\n\n${table}\n\n${END}${rest.split(END)[1]}`
}

export function describedFile(): string {
  const nested = Object.entries(describeMethods()).flatMap(([method, { fields }]) => {
    const wanted = Object.entries(fields)
      .map(([field, kinds]) => [field, kinds.replace('?', '')] as const)
      .filter(([, kinds]) => kinds === 'object' || kinds === 'array')
    return wanted.length > 0 ? [`  ${method}: { ${wanted.map(([f, k]) => `${f}: '${k}'`).join(', ')} },`] : []
  })
  const limits = Object.entries(describeMethods()).flatMap(([method, of]) => {
    const wanted = Object.entries(of.limits).map(
      ([field, limit]) => `${field}: { of: '${limit.of}', values: [${limit.values.join(', ')}] }`,
    )
    return wanted.length > 0 ? [`  ${method}: { ${wanted.join(', ')} },`] : []
  })
  return [
    '// Written by table.ts from the description of the Bot API.',
    '',
    'export interface Limit {',
    "  of: 'characters' | 'bytes' | 'items' | 'number' | 'one of'",
    '  /** The least and the most, or all that there are. */',
    '  values: number[]',
    '}',
    '',
    '/** The fields that are objects or lists. */',
    'export const NESTED: Record<string, Record<string, string>> = {',
    ...nested,
    '}',
    '',
    '/** How long, how many or how large a field may be. */',
    'export const LIMITS: Record<string, Record<string, Limit>> = {',
    ...limits,
    '}',
    '',
  ].join('\n')
}

if (import.meta.main) {
  writeFileSync(join(here, 'src/described.ts'), describedFile())
  writeFileSync(README, readmeWith(readFileSync(README, 'utf8'), tableOf(rows())))
}
