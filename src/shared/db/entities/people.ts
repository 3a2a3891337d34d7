import { defineEntity, p } from '@mikro-orm/core'
import type { InferEntity } from '@mikro-orm/core'

/** A Telegram id. Money, XP and purchases belong to the person, whatever bot they came through. */
export const Person = defineEntity({
  name: 'Person',
  tableName: 'persons',
  properties: {
    id: p.bigint().primary(),
    username: p.text().nullable(),
    firstName: p.text().default(''),
    lastName: p.text().nullable(),
    language: p.text().nullable(),
    bannedAt: p.datetime().nullable(),
    banReason: p.text().nullable(),
    isPremium: p.boolean().default(false),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})
export type Person = InferEntity<typeof Person>

export type BotState = 'active' | 'paused' | 'parked'

/** `parked` = Telegram refused the token; `paused` = the owner stopped it. */
export const Bot = defineEntity({
  name: 'Bot',
  tableName: 'bots',
  properties: {
    name: p.text().primary(),
    telegramId: p.bigint().nullable(),
    username: p.text().nullable(),
    firstName: p.text().nullable(),
    state: p.text().$type<BotState>().default('active'),
    stateReason: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})
export type Bot = InferEntity<typeof Bot>

/** A person in one bot: language, whether they blocked it, how they came, and what the bot remembers. */
export const BotSession = defineEntity({
  name: 'BotSession',
  tableName: 'bot_sessions',
  properties: {
    bot: p.text().primary(),
    personId: p.bigint().primary(),
    language: p.text().nullable(),
    blockedAt: p.datetime().nullable(),
    mailingsOffAt: p.datetime().nullable(),
    startParam: p.text().nullable(),
    sessionData: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    statsData: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    version: p.integer().default(1),
    createdAt: p.datetime().defaultRaw('now()'),
    lastSeenAt: p.datetime().defaultRaw('now()'),
  },
})
export type BotSession = InferEntity<typeof BotSession>
