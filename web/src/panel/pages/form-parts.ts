/** Letters and digits, as the shop's own numbers: 80 random bits. */
export const newFormKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => (byte % 32).toString(32)).join('')

/** A request of the panel holds 64 KiB, with its names and what JSON adds. */
const PART_BYTES = 40_000

/** Lines in parts that a request holds each; no line is cut, and what is longer alone is refused by the shop. */
export function inParts(text: string): string[] {
  const size = new TextEncoder()
  const parts: string[][] = [[]]
  let bytes = 0
  for (const line of text.split(/\r?\n/)) {
    const length = size.encode(line).length + 2
    if (bytes + length > PART_BYTES && bytes > 0) {
      parts.push([])
      bytes = 0
    }
    parts.at(-1)!.push(line)
    bytes += length
  }
  return parts.map((part) => part.join('\n')).filter((part) => part.trim() !== '')
}
