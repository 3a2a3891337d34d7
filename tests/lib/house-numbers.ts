import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseAst } from 'vite'
import { ROW_TYPE_BY_HAND } from './row-types.ts'

const repository = resolve(import.meta.dirname, '../..')
const PAGE = join(repository, 'docs/architecture.md')
/** The commit that moved every capability into its room. */
const MOVE = 'c3922d0'

const git = (...args: string[]) =>
  execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 256 << 20 })

/** Files of src as they stand in a commit. */
function sourcesAt(commit: string): { path: string; text: string }[] {
  const paths = git('ls-tree', '-r', '--name-only', commit, 'src').split('\n')
  const wanted = paths.filter((path) => path.endsWith('.ts'))
  return wanted.map((path) => ({ path, text: git('show', `${commit}:${path}`) }))
}

/**
 * Room -> the folders that its files stood in before, as the renames of the move say (`src/shared/money`,
 * without folders below it).
 */
function foldersBefore(): Map<string, Set<string>> {
  const rooms = new Map<string, Set<string>>()
  for (const line of git('show', '--format=', '--name-status', '-M50%', MOVE, '--', 'src').split('\n')) {
    const [, from, to] = /^R\d+\t(\S+)\t(\S+)$/.exec(line) ?? []
    const room = to && /^src\/shop\/([^/]+)\//.exec(to)?.[1]
    if (!room) continue
    rooms.set(room, (rooms.get(room) ?? new Set()).add(from!.split('/').slice(0, -1).slice(0, 3).join('/')))
  }
  return rooms
}

interface Node {
  type: string
  start: number
  end: number
}
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

/**
 * Room -> the folders in which the files of the move stand today. A file that left its room since counts where it is now;
 * a file that is gone does not count.
 */
function foldersNow(): Map<string, Set<string>> {
  const rooms = new Map<string, Set<string>>()
  const now = new Map<string, string>()
  const moves = git('diff', '--name-status', '-M50%', '--diff-filter=R', MOVE, 'HEAD', '--', 'src').split(
    '\n',
  )
  for (const line of moves) {
    const [, from, to] = /^R\d+\t(\S+)\t(\S+)$/.exec(line) ?? []
    if (from) now.set(from, to!)
  }
  const there = new Set(git('ls-tree', '-r', '--name-only', 'HEAD', 'src').split('\n'))
  for (const path of git('ls-tree', '-r', '--name-only', MOVE, 'src/shop').split('\n')) {
    const room = /^src\/shop\/([^/]+)\//.exec(path)?.[1]
    const today = now.get(path) ?? (there.has(path) ? path : undefined)
    if (!room || !today) continue
    rooms.set(room, (rooms.get(room) ?? new Set()).add(today.split('/').slice(0, 3).join('/')))
  }
  return rooms
}

/** The lines of each function of a file. */
function functionLengths(path: string, text: string): number[] {
  const lengths: number[] = []
  const visit = (node: Node) => {
    if (/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type))
      lengths.push(text.slice(node.start, node.end).split('\n').length)
    for (const value of Object.values(node)) for (const one of [value].flat()) if (isNode(one)) visit(one)
  }
  visit(parseAst(text, { lang: 'ts' }, path) as Node)
  return lengths
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
const count = (files: { text: string }[], pattern: RegExp) =>
  files.reduce((sum, { text }) => sum + (text.match(pattern)?.length ?? 0), 0)
const linesOf = ({ text }: { text: string }) => text.split('\n').length - 1

function measure(commit: string) {
  const files = sourcesAt(commit)
  return {
    '`../../../` in imports': count(files, /from '(?:\.\.\/){3}/g),
    'row types by hand': count(files, ROW_TYPE_BY_HAND),
    files: files.length,
    lines: files.reduce((sum, file) => sum + linesOf(file), 0),
    'lines of a file, median': median(files.map(linesOf)),
    'lines of the longest file': Math.max(...files.map(linesOf)),
    'lines of a function of more than one line, median': median(
      files.flatMap(({ path, text }) => functionLengths(path, text)).filter((lines) => lines > 1),
    ),
  }
}

const [before, now] = [measure(`${MOVE}^`), measure('HEAD')]
const today = foldersNow()
const rooms = [...foldersBefore()].toSorted(([one], [other]) => (one < other ? -1 : 1))
const rows = [
  ...rooms.map(
    ([room, folders]) => `| folders of ${room} | ${folders.size} | ${today.get(room)?.size ?? 0} |`,
  ),
  ...Object.entries(before).map(
    ([what, number]) => `| ${what} | ${number} | ${now[what as keyof typeof now]} |`,
  ),
]
const table = ['| in `src` | before the rooms | now |', '|---|---|---|', ...rows].join('\n')
const page = readFileSync(PAGE, 'utf8')
const start = '<!-- numbers -->'
const end = '<!-- end of numbers -->'
const [head, rest] = page.split(start)
writeFileSync(PAGE, `${head}${start}\n\n${table}\n\n${end}${rest!.split(end)[1]}`)
process.stdout.write(`${table}\n`)
