import { defineEntity, p } from '@mikro-orm/core'
import { roomStatements } from '#shared/common-tables.ts'

export const PictureTable = defineEntity({
  name: 'Picture',
  tableName: 'generations',
  properties: {
    orderId: p.text().primary(),
    personId: p.bigint(),
    bot: p.text(),
    provider: p.text(),
    model: p.text(),
    aspect: p.text(),
    prompt: p.text().default(''),
    photos: p.json<string[]>().defaultRaw(`'[]'`),
    stage: p
      .text()
      .$type<
        'draft' | 'queued' | 'starting' | 'drawing' | 'ready' | 'done' | 'failed' | 'late' | 'cancelled'
      >()
      .default('draft'),
    free: p.boolean().default(false),
    resultUrl: p.text().nullable(),
    reason: p.text().nullable(),
    detail: p.text().nullable(),
    queuedAt: p.datetime().nullable(),
    startedAt: p.datetime().nullable(),
    deadlineAt: p.datetime().nullable(),
    readyAt: p.datetime().nullable(),
    finishedAt: p.datetime().nullable(),
    leaseUntil: p.datetime().nullable(),
  },
})

export const PictureFileTable = defineEntity({
  name: 'PictureFile',
  tableName: 'generation_files',
  properties: {
    orderId: p.text().primary(),
    bot: p.text().primary(),
    kind: p.text().$type<'photo' | 'document'>().primary(),
    fileId: p.text(),
  },
})

export const RefusedPromptTable = defineEntity({
  name: 'RefusedPrompt',
  tableName: 'refused_prompts',
  properties: {
    id: p.bigint().primary().autoincrement(),
    personId: p.bigint(),
    bot: p.text(),
    prompt: p.text(),
    refusedBy: p.text().$type<'words' | 'provider'>(),
    why: p.text().default(''),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

export const picturesTables = [PictureTable, PictureFileTable, RefusedPromptTable] as const

/** Statements over the room's own tables, and over the orders and attempts of pictures. */
export const picturesSql = roomStatements<(typeof picturesTables)[number]>()
