import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { access } from './access.ts'
import { code } from './code.ts'
import { file } from './file.ts'
import type { ItemKind } from './kind.ts'
import { service } from './service.ts'
import { stock } from './stock.ts'
import { text } from './text.ts'

/** Everything that an item may be. */
const kinds: readonly ItemKind[] = [stock, text, code, file, service, access]

/** By name, in the order in which a form offers them. */
export const itemKinds: readonly string[] = kinds.map(({ name }) => name)

export const isItemKind = (name: string): boolean => kinds.some((kind) => kind.name === name)

/** Whether any kind has this field: a form is read line by line, and the kind may stand on its last line. */
export const isFieldOfKinds = (field: string): boolean => kinds.some(({ form }) => form?.has(field))

/** What the page for a new item says of the fields that kinds have of their own. */
export const textsOfForms: readonly string[] = kinds.flatMap(({ form }) => form?.text ?? [])

/** @throws for a kind that no release of ours has stored */
export function kindOf({ kind: name }: { kind: string }): ItemKind {
  const found = kinds.find((kind) => kind.name === name)
  if (!found) throw new Error(`there is no kind ${name}`)
  return found
}

/** Whether a buyer in this bot could get one now, as a condition on rows `i` of shelf_items. */
export const isAvailable = (bot: string): RawBuilder<boolean> =>
  q<boolean>`(case i.kind ${q.join(
    kinds.flatMap((kind) => (kind.available ? [q`when ${kind.name} then ${kind.available(bot)}`] : [])),
    q` `,
  )} else true end)`
