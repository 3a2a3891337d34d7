import { defineEntity, p } from '@mikro-orm/core'
import type { InferEntity } from '@mikro-orm/core'

/** What admins changed at run time; bot '' = for all bots. */
export const Setting = defineEntity({
  name: 'Setting',
  tableName: 'settings',
  properties: {
    bot: p.text().primary(),
    key: p.text().primary(),
    value: p.json<unknown>(),
    version: p.integer().default(1),
    updatedBy: p.bigint().nullable(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})
export type Setting = InferEntity<typeof Setting>
