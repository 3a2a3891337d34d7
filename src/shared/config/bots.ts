import { z } from 'zod'
import { personIdIn } from '../ids.ts'
import type { ConfigReader } from './reader.ts'

/** One bot: its token and the people who may use its admin commands. */
export interface BotSettings {
  name: string
  token: string
  /** Telegram ids. */
  admins: bigint[]
}

const EXAMPLE = 'like [{"name":"main","token":"123:AA...","admins":[1]}]'
const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/
const ADMIN_ALIASES = ['ADMINS', 'ADMIN_ID']
const TOKEN = /^\d{1,20}:[A-Za-z0-9_-]{10,100}$/

/** A misspelt field would leave a bot without its admins, so an unknown one is refused. */
const botSchema = z.strictObject({
  name: z.string().regex(NAME, 'a name is 1-32 of a-z 0-9 _ -'),
  token: z.string().regex(TOKEN, 'a token looks like 123456:AA..., as @BotFather gives it'),
  admins: z.array(z.union([z.string(), z.number().int().positive()])).default([]),
})

/**
 * Reads BOTS for several bots (or BOTS_FILE with a path, as for every setting), else BOT_TOKEN for one bot, else no
 * bot at all.
 */
export function readBots(read: ConfigReader): BotSettings[] {
  const single = read.optional('BOT_TOKEN')
  const json = read.optional('BOTS')
  if (json && single) read.problem('BOTS and BOT_TOKEN are both set: keep one of them')
  if (json) {
    if (read.optional('ADMIN_IDS', ADMIN_ALIASES))
      read.note('ADMIN_IDS is not read beside BOTS: the admins of each bot stand in its "admins" there')
    return parseBots(read, 'BOTS', json)
  }
  if (!single) return []
  const name = read.text('BOT_NAME', 'main')
  if (!NAME.test(name)) read.problem(`BOT_NAME must be 1-32 of a-z 0-9 _ -, not "${name}"`)
  if (!TOKEN.test(single)) {
    read.problem(
      'BOT_TOKEN must look like 123456789:AAE..., a number, a colon and 35 characters: copy it whole from @BotFather',
    )
  }
  const admins = read.optional('ADMIN_IDS', ADMIN_ALIASES)?.split(',') ?? []
  if (admins.length === 0)
    read.note('ADMIN_IDS is not set, so nobody can open /admin: ask @userinfobot for your number and set it')
  return [{ name, token: single, admins: adminIds(read, 'ADMIN_IDS', admins) }]
}

function parseBots(read: ConfigReader, source: string, json: string): BotSettings[] {
  let list: unknown
  try {
    list = JSON.parse(json)
  } catch {
    read.problem(`${source} must be a JSON array ${EXAMPLE}`)
    return []
  }
  const parsed = z.array(botSchema).min(1).safeParse(list)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) read.problem(inWords(source, issue))
    return []
  }
  const names = parsed.data.map(({ name }) => name)
  if (new Set(names).size < names.length) read.problem(`${source}: two bots have the same name`)
  // A new token of a bot begins with the same number; Telegram serves the bot by one of the two only.
  const numbers = parsed.data.map(({ token }) => BigInt(token.split(':')[0]!))
  if (new Set(numbers).size < numbers.length)
    read.problem(
      `${source}: two tokens are of the same bot (the number before the colon): keep the newer one`,
    )
  return parsed.data.map((bot) => ({
    ...bot,
    admins: adminIds(read, `${source} (${bot.name})`, bot.admins.map(String)),
  }))
}

/** Says what is wrong with an entry; a field that is missing or of another type is told with an example. */
function inWords(source: string, { path, code, message }: z.core.$ZodIssue): string {
  const place = (steps: PropertyKey[]) => source + steps.map((step) => `[${String(step)}]`).join('')
  if (path.length === 0) return `${source} must be a JSON array of at least one bot, ${EXAMPLE}`
  if (code === 'invalid_type' && message.endsWith('received undefined'))
    return `${place(path.slice(0, -1))} has no "${String(path.at(-1))}": write it ${EXAMPLE}`
  return code === 'invalid_type' || code === 'invalid_union'
    ? `${place(path)} is of another type than it should be: write it ${EXAMPLE}`
    : `${place(path)}: ${message}`
}

function adminIds(read: ConfigReader, source: string, texts: string[]): bigint[] {
  return texts.flatMap((text) => {
    const id = text.trim()
    if (id === '') return []
    const known = personIdIn(id)
    if (known) return [known]
    read.problem(`${source}: "${id}" is not a Telegram id; ask @userinfobot for yours`)
    return []
  })
}
