/** A request of the panel holds 64 KiB, with its names and what JSON adds. */
const PART_BYTES = 40_000

/** Lines in parts that a request holds each, at least one; what is empty or a line too long is for the shop to refuse. */
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
