/** A request of the panel holds 64 KiB. This leaves room for names and for what JSON adds. */
const PART_BYTES = 40_000

/**
 * Cuts lines into parts that fit into a request each; there is at least one part. The shop refuses an empty text or
 * a line that is too long.
 */
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
  const filled = parts.map((part) => part.join('\n')).filter((part) => part.trim() !== '')
  return filled.length > 0 ? filled : ['']
}
