import { z } from 'zod'
import { isServedHere, readSession, writeSession } from './bot-sessions.ts'
import type { BotSession } from './bot-sessions.ts'
import { Problem } from './problem.ts'
import { defineRoute } from './route.ts'
import { mustExist } from './money.ts'
import { checkOwnJson, ownJson, personParams, telegramId } from './schemas.ts'

const session = z.object({
  telegramId,
  bot: z.string(),
  sessionData: ownJson,
  statsData: ownJson,
  version: z.int(),
})
const ETAG = { etag: 'The version, for If-Match' }

const answerOf = (bot: string, id: string, { sessionData, statsData, version }: BotSession) => ({
  status: 200,
  body: { telegramId: id, bot, sessionData, statsData, version },
  headers: { etag: `"${version}"` },
})

export const getSession = defineRoute({
  method: 'GET',
  path: '/v1/users/{telegramId}/session',
  name: 'getSession',
  summary:
    "The calling bot's own session and statistics of a person; empty with version 0 before the first write",
  scope: 'sessions',
  params: personParams,
  answers: { 200: { description: 'The session', schema: session, headers: ETAG } },
  problems: { 404: 'There is no such person' },
  async run({ api, key, params }) {
    const id = BigInt(params.telegramId)
    const found = await readSession(api.db, key.bot, id)
    if (!found) await mustExist(api.db, id)
    return answerOf(key.bot, params.telegramId, found ?? { sessionData: {}, statsData: {}, version: 0 })
  },
})

export const putSession = defineRoute({
  method: 'PUT',
  path: '/v1/users/{telegramId}/session',
  name: 'putSession',
  summary:
    'Keeps the session and the statistics; what is left out stays. If-Match refuses to overwrite a newer version. Of a bot that the shop runs itself only the statistics can be written',
  scope: 'sessions',
  ifMatch: true,
  params: personParams,
  body: z.strictObject({ sessionData: ownJson.optional(), statsData: ownJson.optional() }),
  answers: { 200: { description: 'The session as it is now', schema: session, headers: ETAG } },
  problems: {
    404: 'There is no such person',
    409: 'The shop runs this bot itself and keeps its session',
    412: 'The version of If-Match is not the present one',
  },
  async run({ api, key, params, body, ifMatch }) {
    checkOwnJson(body)
    if (body.sessionData !== undefined && (await isServedHere(api, key.bot))) {
      throw new Problem(
        409,
        'session-of-the-shop',
        'The shop runs this bot itself, and its session is the conversation: keep your own in statsData',
      )
    }
    const version = versionOf(ifMatch)
    const kept = await writeSession(api.db, {
      bot: key.bot,
      personId: BigInt(params.telegramId),
      ...body,
      version,
    })
    if (kept) return answerOf(key.bot, params.telegramId, kept)
    await mustExist(api.db, BigInt(params.telegramId))
    throw new Problem(412, 'session-changed', 'The session has another version: read it again')
  },
})

function versionOf(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch === '*') return undefined
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(ifMatch)?.[1] ?? /^\d{1,9}$/.exec(ifMatch)?.[0]
  if (version === undefined)
    throw new Problem(400, 'if-match-invalid', 'If-Match must be the etag of a session')
  return Number(version)
}
