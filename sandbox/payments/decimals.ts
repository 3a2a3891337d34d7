const DIGITS = 8

/** "10.5" -> 1050000000n. @throws when it is not a plain decimal */
export function units(text: string): bigint {
  const match = /^(\d{1,15})(?:\.(\d{1,18}))?$/.exec(text)
  if (!match) throw new Error(`not a decimal: ${text}`)
  return BigInt(match[1] + (match[2] ?? '').slice(0, DIGITS).padEnd(DIGITS, '0'))
}

/** 1050000000n -> "10.50000000" */
export function decimal(amount: bigint, digits = DIGITS): string {
  const text = amount.toString().padStart(DIGITS + 1, '0')
  return `${text.slice(0, -DIGITS)}.${text.slice(-DIGITS).slice(0, digits)}`
}

/** a * b of two 8-digit amounts. */
export function times(a: bigint, b: bigint): bigint {
  return (a * b) / 10n ** BigInt(DIGITS)
}
