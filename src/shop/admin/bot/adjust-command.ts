import { isAsset, readTyped } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'

export interface AdjustCommand {
  /** Telegram id or @name. */
  who: string
  /** Minor units, signed. */
  amount: bigint
  asset: Asset
  reason: string
}

/**
 * Reads `<id or @name> <amount> [asset] <reason>`; the asset is tokens unless it is named.
 * @returns undefined when a part is missing
 * @throws UserError `amount.invalid`, `amount.range`, `amount.unclear`
 */
export function parseCommand(text: string): AdjustCommand | undefined {
  const match = /^(@?\w{1,64})\s+([+-]?\S+)\s+([\s\S]+)$/.exec(text.trim())
  if (!match) return undefined
  const [, who = '', sum = '', rest = ''] = match
  const [, word = '', after = ''] = /^([A-Za-z]{2,5})(?:\s+([\s\S]+))?$/.exec(rest) ?? []
  const code = word.toUpperCase()
  const asset = isAsset(code) ? code : 'TOK'
  const reason = (isAsset(code) ? after : rest).trim()
  const amount = readTyped(sum, asset)
  if (amount === 0n || reason === '') return undefined
  return { who, amount, asset, reason }
}
