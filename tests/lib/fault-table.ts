import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const repository = resolve(import.meta.dirname, '../..')
export const REPORT = join(repository, 'docs/fault-report.md')
const ROW = /^(\| F(\d+) \| .* \|) [^|]* \|$/

/** The report with the last column of its table made anew: the test files that name the row's id. */
export function currentReport(): string {
  const names = namedBy()
  return readFileSync(REPORT, 'utf8')
    .split('\n')
    .map((line) => {
      const [, start, id] = ROW.exec(line) ?? []
      if (!start) return line
      const files = names.get(Number(id)) ?? []
      return `${start} ${files.length > 0 ? files.map((file) => `\`${file}\``).join(' ') : '**no test**'} |`
    })
    .join('\n')
}

/** Fault number -> test files with `F<number>` in a title or comment. */
function namedBy(): Map<number, string[]> {
  const found = new Map<number, string[]>()
  const files = readdirSync(join(repository, 'tests'), { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => name.endsWith('.test.ts')).toSorted()) {
    const ids = readFileSync(join(repository, 'tests', file), 'utf8').match(/(?<![\w])F\d{1,3}(?!\w)/g) ?? []
    for (const id of new Set(ids.map((word) => Number(word.slice(1))))) {
      found.set(id, [...(found.get(id) ?? []), file.replace(/\.test\.ts$/, '')])
    }
  }
  return found
}

if (import.meta.main) writeFileSync(REPORT, currentReport())
