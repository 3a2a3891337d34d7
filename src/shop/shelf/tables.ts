import { defineEntity, p } from '@mikro-orm/core'
import type { InferEntity } from '@mikro-orm/core'
import { roomStatements } from '#shared/common-tables.ts'
import type { Language } from '#shared/i18n/languages.ts'
import type { Asset } from '#shared/money.ts'

type Names = Record<Language, string>

export const CategoryTable = defineEntity({
  name: 'ShelfCategory',
  tableName: 'shelf_categories',
  properties: {
    id: p.bigint().primary().autoincrement(),
    parentId: p.bigint().nullable(),
    name: p.json<Names>(),
    retired: p.boolean().default(false),
  },
})

/** A good of the owner's own. */
export const ItemTable = defineEntity({
  name: 'ShelfItem',
  tableName: 'shelf_items',
  properties: {
    id: p.bigint().primary().autoincrement(),
    /** See kinds/list.ts. */
    kind: p.text(),
    categoryId: p.bigint().nullable(),
    name: p.json<Names>(),
    description: p.json<Partial<Names>>().defaultRaw(`'{}'`),
    /** The address of a picture that stands above its description. */
    picture: p.text().nullable(),
    asset: p.text().$type<Asset>(),
    /** Minor units. */
    price: p.bigint(),
    /** Prices of single bots, minor units as text, by the bot's name. */
    prices: p.json<Record<string, string>>().defaultRaw(`'{}'`),
    /** Where it is sold; null = in all bots. */
    bots: p.array<string>().columnType('text[]').nullable(),
    perPerson: p.integer().nullable(),
    soldFrom: p.datetime().nullable(),
    soldUntil: p.datetime().nullable(),
    /** With so many lines or fewer the admins are told. */
    low: p.integer().default(5),
    /** What every buyer gets, sealed. */
    content: p.blob().nullable(),
    /** What its kind has to know besides: see kinds/. */
    terms: p.json<Record<string, unknown>>().nullable(),
    /** How often lines were added: what is low again is told again. */
    refills: p.integer().default(0),
    /** What admins know of the stock since which refill: `low-2`, `empty-2`. */
    told: p.text().nullable(),
    retired: p.boolean().default(false),
    createdBy: p.bigint(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})
type ItemEntity = InferEntity<typeof ItemTable>
export type Item = {
  [Field in keyof ItemEntity as Field extends string ? Field : never]-?: Exclude<ItemEntity[Field], undefined>
}

/** One key, account or link of an item's stock. */
export const LineTable = defineEntity({
  name: 'ShelfLine',
  tableName: 'shelf_lines',
  properties: {
    id: p.bigint().primary().autoincrement(),
    itemId: p.bigint(),
    sealed: p.blob(),
    /** By which doubles are known without opening any. */
    print: p.text(),
    /** The message that brought it: handled again, it adds nothing twice and calls nothing a double. */
    upload: p.text(),
    state: p.text().$type<'free' | 'reserved' | 'sold' | 'withdrawn'>().default('free'),
    orderId: p.text().nullable(),
    reservedUntil: p.datetime().nullable(),
    soldAt: p.datetime().nullable(),
    /** Why it was withdrawn from whoever had bought it. */
    reason: p.text().nullable(),
  },
})

/** A code of the shop's own, made for an order. */
export const CodeTable = defineEntity({
  name: 'ShelfCode',
  tableName: 'shelf_codes',
  properties: {
    id: p.bigint().primary().autoincrement(),
    itemId: p.bigint(),
    orderId: p.text(),
    /** By which a code that is asked for is found without opening any. */
    print: p.text(),
    sealed: p.blob(),
    state: p.text().$type<'made' | 'used' | 'withdrawn'>().default('made'),
    madeAt: p.datetime().defaultRaw('now()'),
    usedAt: p.datetime().nullable(),
    /** The bot whose API key took it. */
    usedBy: p.text().nullable(),
    /** The Idempotency-Key of whoever took it. */
    reference: p.text().nullable(),
    usedFor: p.text().nullable(),
    /** Why it was withdrawn from whoever had bought it. */
    reason: p.text().nullable(),
  },
})

/** An order for something that an admin does. */
export const ServiceTable = defineEntity({
  name: 'ShelfService',
  tableName: 'shelf_services',
  properties: {
    orderId: p.text().primary(),
    itemId: p.bigint(),
    bot: p.text(),
    /** What the buyer filled in. */
    answers: p.blob(),
    /** Since it is paid for: then the money goes back by itself. */
    dueAt: p.datetime().nullable(),
    /** What admins were told of it. */
    told: p.text().$type<'nothing' | 'new' | 'late'>().default('nothing'),
    takenBy: p.bigint().nullable(),
    /** What the admin wrote to the buyer when it was done. */
    result: p.blob().nullable(),
    endedAt: p.datetime().nullable(),
  },
})

/** A file that every buyer of an item gets, as one bot knows it. */
export const FileTable = defineEntity({
  name: 'ShelfFile',
  tableName: 'shelf_files',
  properties: {
    itemId: p.bigint().primary(),
    bot: p.text().primary(),
    /** Of one file: an id of an older one is none any more. */
    version: p.text(),
    /** Whether it is this bot that an admin sent it to. */
    source: p.boolean(),
    type: p.text().$type<'document' | 'photo' | 'video'>(),
    name: p.text(),
    size: p.bigint(),
    /** None while it is being uploaded. */
    fileId: p.text().nullable(),
    claimedAt: p.datetime().defaultRaw('now()'),
  },
})

/** An order that whoever opens its link first gets. */
export const GiftTable = defineEntity({
  name: 'ShelfGift',
  tableName: 'shelf_gifts',
  properties: {
    orderId: p.text().primary(),
    /** Of the link's end: who reads this table opens nothing with it. */
    hash: p.text(),
    /** Then the money goes back by itself. */
    dueAt: p.datetime(),
    openedBy: p.bigint().nullable(),
    endedAt: p.datetime().nullable(),
  },
})

/** The channel or group that an item lets its buyers into. */
export const ChatTable = defineEntity({
  name: 'ShelfChat',
  tableName: 'shelf_chats',
  properties: {
    itemId: p.bigint().primary().autoincrement(false),
    /** Whose rights there let people in and out, whichever bot sold it. */
    bot: p.text(),
    chatId: p.bigint(),
    title: p.text(),
    /** For everybody: it lets nobody in, it only asks the bot. */
    link: p.text(),
    /** Since when the bot can let nobody in. */
    lostAt: p.datetime().nullable(),
    checkedAt: p.datetime().defaultRaw('now()'),
  },
})

/** An order's time in a chat. Several of one person follow one another. */
export const AccessTable = defineEntity({
  name: 'ShelfAccess',
  tableName: 'shelf_accesses',
  properties: {
    orderId: p.text().primary(),
    itemId: p.bigint(),
    /** The chat and its bot as they were when it was bought. */
    bot: p.text(),
    chatId: p.bigint(),
    personId: p.bigint(),
    fromAt: p.datetime(),
    /** null = for ever. */
    untilAt: p.datetime().nullable(),
    /** The person stands at the door since then: no answer to them is known of. */
    askedAt: p.datetime().nullable(),
    joinedAt: p.datetime().nullable(),
    /** Told that it ends soon. */
    warnedAt: p.datetime().nullable(),
    endedAt: p.datetime().nullable(),
    /** Seen to be out of the chat, or there by another order. */
    outAt: p.datetime().nullable(),
    /** How often the door was tried, and when it is next. */
    tries: p.integer().default(0),
    tryAt: p.datetime().defaultRaw('now()'),
  },
})

export const shelfTables = [
  CategoryTable,
  ItemTable,
  LineTable,
  CodeTable,
  ServiceTable,
  FileTable,
  GiftTable,
  ChatTable,
  AccessTable,
] as const

export const shelfSql = roomStatements<(typeof shelfTables)[number]>()
