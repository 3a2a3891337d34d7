import { defineEntity, p } from '@mikro-orm/core'
import { roomStatements } from '#shared/common-tables.ts'
import type { Card } from '#shared/money/tables.ts'
import type { Audience } from './audience.ts'
import type { Contents } from './content.ts'

export interface Options {
  silent?: boolean
  /** allow_paid_broadcast: 0.1 Star a message above the free rate. */
  paid?: boolean
  /** A button below that stops mailings from this bot. */
  optOut?: boolean
}

/** `from` = where each bot's list of Stars ended when the mailing began; `nanostars` = what Telegram's list says it took. */
export interface Fee {
  from: Record<string, number>
  nanostars?: string
}

export const MailingTable = defineEntity({
  name: 'Broadcast',
  tableName: 'broadcasts',
  properties: {
    id: p.text().primary(),
    bot: p.text(),
    createdBy: p.bigint(),
    action: p.text().$type<'send' | 'delete' | 'edit'>().default('send'),
    parentId: p.text().nullable(),
    state: p
      .text()
      .$type<'draft' | 'scheduled' | 'running' | 'paused' | 'done' | 'cancelled'>()
      .default('draft'),
    contents: p.json<Contents>().defaultRaw(`'{}'`),
    audience: p.json<Audience>().defaultRaw(`'{}'`),
    options: p.json<Options>().defaultRaw(`'{}'`),
    startAt: p.datetime().nullable(),
    generation: p.integer().default(0),
    total: p.integer().default(0),
    nextNumber: p.integer().default(1),
    sent: p.integer().default(0),
    blocked: p.integer().default(0),
    failed: p.integer().default(0),
    uncertain: p.integer().default(0),
    reason: p.text().nullable(),
    card: p.json<Card>().nullable(),
    drawnAt: p.datetime().nullable(),
    drawnDone: p.integer().default(0),
    rate: p.float().columnType('real').default(0),
    createdAt: p.datetime().defaultRaw('now()'),
    startedAt: p.datetime().nullable(),
    finishedAt: p.datetime().nullable(),
    fee: p.json<Fee>().nullable(),
  },
})

export const MailingRecipientTable = defineEntity({
  name: 'BroadcastRecipient',
  tableName: 'broadcast_recipients',
  properties: {
    broadcastId: p.text().primary(),
    number: p.integer().primary(),
    personId: p.bigint(),
    bot: p.text(),
    language: p.text(),
    state: p
      .text()
      .$type<
        'planned' | 'sending' | 'sent' | 'blocked' | 'failed' | 'uncertain' | 'resent' | 'deleted' | 'edited'
      >()
      .default('planned'),
    messageIds: p.array<number>().columnType('integer[]').nullable(),
    reason: p.text().nullable(),
    touchedBy: p.text().nullable(),
  },
})

export const MailingLeaseTable = defineEntity({
  name: 'BroadcastLease',
  tableName: 'broadcast_leases',
  properties: {
    broadcastId: p.text().primary(),
    first: p.integer().primary(),
    last: p.integer(),
    token: p.text(),
    until: p.datetime(),
  },
})

export const BotFileTable = defineEntity({
  name: 'BotFile',
  tableName: 'bot_files',
  properties: {
    bot: p.text().primary(),
    key: p.text().primary(),
    fileId: p.text(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

export const mailingsTables = [MailingTable, MailingRecipientTable, MailingLeaseTable, BotFileTable] as const

export const mailingsSql = roomStatements<(typeof mailingsTables)[number]>()
