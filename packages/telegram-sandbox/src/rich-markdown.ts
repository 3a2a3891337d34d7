/*
 * Rich Markdown ("Bot API", Rich Markdown style) as Rich HTML, which it may contain: headings, lists, tasks, quotations,
 * tables, code, media and the marks inside of a line.
 */

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Marks inside of a line; what is code stays as it is written. A mark holds 2,000 characters, so that none is sought for ever. */
function marks(line: string): string {
  return line
    .split(/(`[^`]+`|\$[^$\s][^$]*\$)/)
    .map((part) => {
      if (part.length > 2 && part.startsWith('`')) return `<code>${escaped(part.slice(1, -1))}</code>`
      if (part.length > 2 && part.startsWith('$')) return `<tg-math>${escaped(part.slice(1, -1))}</tg-math>`
      return part
        .replaceAll(/\[([^\]]{1,1000})\]\(([^\s)]{1,2000})\)/g, '<a href="$2">$1</a>')
        .replaceAll(/(\*\*|__)(?=\S)(.{1,2000}?)(?<=\S)\1/g, '<b>$2</b>')
        .replaceAll(/~~(.{1,2000}?)~~/g, '<s>$1</s>')
        .replaceAll(/==(.{1,2000}?)==/g, '<mark>$1</mark>')
        .replaceAll(/\|\|(.{1,2000}?)\|\|/g, '<tg-spoiler>$1</tg-spoiler>')
        .replaceAll(/(?<![\w*])\*(?=\S)([^*]{1,2000}?)(?<=\S)\*(?![\w*])/g, '<i>$1</i>')
        .replaceAll(/(?<!\w)_(?=\S)([^_]{1,2000}?)(?<=\S)_(?!\w)/g, '<i>$1</i>')
    })
    .join('')
}

const ITEM = /^([-*+]|\d+\.)\s+(?:\[([ x])\]\s+)?(.*)$/
const MEDIA = /^!\[[^\]]*\]\((\S+?)(?:\s+"([^"]*)")?\)$/

const cellsOf = (line: string) =>
  line
    .trim()
    .replaceAll(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim())

function mediaOf(source: string, caption: string | undefined): string {
  const kind = /\.(mp4|gif)$/i.test(source) || source.startsWith('tg://video') ? 'video' : undefined
  const tag = kind ?? (/\.(mp3|ogg)$/i.test(source) || source.startsWith('tg://audio') ? 'audio' : 'img')
  const media = `<${tag} src="${source}"/>`
  return caption ? `<figure>${media}<figcaption>${marks(caption)}</figcaption></figure>` : media
}

export function htmlOfMarkdown(source: string): string {
  const lines = source.split('\n')
  const html: string[] = []
  /** The lines from `from` on, as far as they match the test, each as its match. */
  const while_ = (from: number, test: RegExp) => {
    let end = from
    while (end < lines.length && test.test(lines[end]!)) end++
    return lines.slice(from, end)
  }
  for (let at = 0; at < lines.length;) {
    const line = lines[at]!
    const fence = /^```(\w*)\s*$/.exec(line)
    const heading = /^(#{1,6})\s+(.*)$/.exec(line)
    const media = MEDIA.exec(line.trim())
    if (fence) {
      const end = lines.findIndex((other, n) => n > at && other.trim() === '```')
      const code = escaped(lines.slice(at + 1, end < 0 ? undefined : end).join('\n'))
      html.push(
        fence[1] === 'math'
          ? `<tg-math-block>${code}</tg-math-block>`
          : `<pre><code class="language-${fence[1]}">${code}</code></pre>`,
      )
      at = end < 0 ? lines.length : end + 1
    } else if (heading) {
      html.push(`<h${heading[1]!.length}>${marks(heading[2]!)}</h${heading[1]!.length}>`)
      at++
    } else if (/^(---|\*\*\*)\s*$/.test(line)) {
      html.push('<hr>')
      at++
    } else if (media) {
      html.push(mediaOf(media[1]!, media[2]))
      at++
    } else if (ITEM.test(line)) {
      const items = while_(at, ITEM)
      const tag = /^\d/.test(line) ? 'ol' : 'ul'
      const made = items.map((item) => {
        const [, , box, words = ''] = ITEM.exec(item)!
        const checkbox = box === undefined ? '' : `<input type="checkbox"${box === 'x' ? ' checked' : ''}>`
        return `<li>${checkbox}${marks(words)}</li>`
      })
      html.push(`<${tag}>${made.join('')}</${tag}>`)
      at += items.length
    } else if (line.startsWith('>')) {
      const quoted = while_(at, /^>/)
      html.push(`<blockquote>${marks(quoted.map((one) => one.slice(1).trim()).join('<br>'))}</blockquote>`)
      at += quoted.length
    } else if (line.includes('|') && /^[\s|:-]+$/.test(lines[at + 1] ?? '') && lines[at + 1]!.includes('-')) {
      const rows = while_(at, /\|/)
      const aligns = cellsOf(rows[1]!).map((cell) =>
        cell.endsWith(':') ? (cell.startsWith(':') ? 'center' : 'right') : 'left',
      )
      const row = (cells: string[], tag: string) =>
        `<tr>${cells.map((cell, n) => `<${tag} align="${aligns[n] ?? 'left'}">${marks(cell)}</${tag}>`).join('')}</tr>`
      const body = rows.slice(2).map((one) => row(cellsOf(one), 'td'))
      html.push(`<table>${row(cellsOf(rows[0]!), 'th')}${body.join('')}</table>`)
      at += rows.length
    } else if (line.trim() === '') at++
    else if (/^\s*<\/?(details|summary|table|ul|ol|aside|figure|footer|p|blockquote)\b/.test(line)) {
      html.push(marks(line))
      at++
    } else {
      const words = while_(at, /^(?!```|#{1,6}\s|>|---\s*$)\s*\S/)
      html.push(`<p>${words.map(marks).join(' ')}</p>`)
      at += words.length
    }
  }
  return html.join('')
}
