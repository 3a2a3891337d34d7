import { str, type Obj } from './params.ts'

/** The plain words of rich text, of a block, or of a list of either. */
export function plain(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(plain).join('')
  if (typeof value !== 'object' || value === null) return ''
  const { text, expression, alternative_text: alternative } = value as Obj
  return plain(text ?? expression ?? alternative)
}

/** A rich message in plain words, a line for each block. */
export function wordsOf(message: Obj): string {
  const lines = (block: Obj): string[] => [
    ...[block['summary'], block['text'], block['expression']].map(plain).filter(Boolean),
    ...((block['blocks'] ?? []) as Obj[]).flatMap(lines),
    ...((block['items'] ?? []) as Obj[]).map(
      (item) => `${str(item['label'])} ${((item['blocks'] ?? []) as Obj[]).flatMap(lines).join(' ')}`,
    ),
    ...((block['cells'] ?? []) as Obj[][]).map((row) => row.map((cell) => plain(cell['text'])).join(' | ')),
  ]
  return (message['blocks'] as Obj[]).flatMap(lines).join('\n')
}
