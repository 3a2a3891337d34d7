import { code } from './code.ts'
import type { ItemKind } from './kind.ts'
import { stock } from './stock.ts'
import { text } from './text.ts'

/** Everything that an item may be. */
const kinds: readonly ItemKind[] = [stock, text, code]

export const isItemKind = (name: string): boolean => kinds.some((kind) => kind.name === name)

/** @throws for a kind that no release of ours has stored */
export function kindOf({ kind: name }: { kind: string }): ItemKind {
  const found = kinds.find((kind) => kind.name === name)
  if (!found) throw new Error(`there is no kind ${name}`)
  return found
}
