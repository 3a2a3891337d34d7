import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { readCompose, readRepositoryFile, repository, SECRETS } from '../lib/compose.ts'

/** Documents that operators read and whose commands they type: everything that a command names must exist. */
const DOCUMENTS = [
  'docs/runbook.md',
  'docs/backup.md',
  'docs/scaling.md',
  'deploy/k8s/README.md',
  'README.md',
]
const PROGRAMS = /^(?:[A-Z_]+=\S+ )*(?:docker|npm|npx|kubectl|pg_dump|pg_restore|openssl|bin\/)/

interface Block {
  where: string
  text: string
}

const blocks: Block[] = DOCUMENTS.flatMap((document) =>
  [...readRepositoryFile(document).matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, text = ''], index) => ({
    where: `${document}, block ${index + 1}`,
    text,
  })),
)
const inline: Block[] = DOCUMENTS.flatMap((document) =>
  [
    ...readRepositoryFile(document)
      .replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
      .matchAll(/`([^`]+)`/g),
  ]
    .map(([, text = '']) => ({ where: document, text: text.replaceAll(/\s+/g, ' ') }))
    .filter(({ text }) => PROGRAMS.test(text)),
)
const scripts = Object.keys((JSON.parse(readRepositoryFile('package.json')) as { scripts: object }).scripts)
const services = readCompose(SECRETS).services
/** All commands, one by one, without comments and with continued lines joined. */
const commands: Block[] = [...blocks, ...inline].flatMap(({ where, text }) =>
  text
    .replaceAll(/\\\n\s*/g, ' ')
    .replaceAll(/^\s*#.*$|\s+# .*$/gm, '')
    .split(/\n|&&|\|\||;/)
    .map((one) => ({ where, text: one.trim().replace(/^(?:for .* do|do|\(cd \S+)\s+/, '') }))
    .filter(({ text: one }) => one !== ''),
)
const starting = (with_: RegExp) =>
  commands.flatMap(({ where, text }) => {
    const found = with_.exec(text)
    return found ? [{ where, text, found: found[1] ?? '', rest: found[2] ?? '' }] : []
  })

/** The objects of all Kubernetes manifests, by names such as `deploy/gateway`. */
const objects = new Set(
  (readdirSync(join(repository, 'deploy'), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) =>
      parseAllDocuments(readRepositoryFile(join('deploy', file))).map((one) => one.toJS() as unknown),
    )
    .map((one) => one as { kind?: string; metadata?: { name?: string } } | null)
    .filter((one) => one?.kind && one.metadata?.name)
    .map((one) => `${one!.kind!.toLowerCase()}/${one!.metadata!.name}`),
)
const KINDS: Record<string, string> = { deploy: 'deployment' }

test('README.ru.md has the blocks of README.md', () => {
  const typed = (path: string) =>
    [...readRepositoryFile(path).matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text]) => text)
  expect(typed('README.ru.md')).toEqual(typed('README.md'))
})

describe('what operators are told to type', () => {
  test('is found: blocks and commands are there', () => {
    expect(blocks.length).toBeGreaterThan(6)
    expect(inline.length).toBeGreaterThan(40)
  })

  test.each(blocks.map(({ where, text }) => [where, text] as const))('%s is shell', (_where, text) => {
    execFileSync('bash', ['-n'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] })
  })

  test('names npm scripts that exist', () => {
    const run = starting(/(?:^| )npm run (?:-s )?([\w:-]+)/)
    expect(run.length).toBeGreaterThan(10)
    expect(run.filter(({ found }) => !scripts.includes(found))).toEqual([])
  })

  test('names services of docker-compose.yml, with programs of ours that exist', () => {
    const VERBS =
      /docker compose (?:-f \S+ )*(restart|stop|start|exec|run|logs|ps|up|pull|build|config|down)\b((?: +[^|>]*)?)/
    const asked = starting(VERBS)
    expect(asked.length).toBeGreaterThan(12)
    for (const { where, text, found, rest } of asked) {
      const words = rest
        .trim()
        .split(/\s+/)
        .filter((word) => word !== '' && !word.startsWith('-'))
      // The first word of `exec` and `run` is a service, and the others are what it runs.
      const named = ['exec', 'run'].includes(found) ? words.slice(0, 1) : words
      const unknown = named.filter(
        (word) => !(word.replace(/=\d$/, '') in services) && !/^(X|X=\d|\$role)$/.test(word),
      )
      expect(unknown, `${where}: ${text}`).toEqual([])
    }
  })

  test('names files that exist', () => {
    // In a command of kubectl `deploy/gateway` is an object, not a file.
    const named = commands.flatMap(({ where, text }) =>
      [
        ...text
          .replaceAll(/deploy\/[\w$]+(?![\w/.])/g, '')
          .matchAll(/(?:^|[\s=])((?:bin|deploy|docs|tests|src)\/[\w./-]+)/g),
      ].map(([, path = '']) => ({
        where,
        path,
      })),
    )
    expect(named.length).toBeGreaterThan(8)
    expect(
      named.filter(
        ({ path }) => !/\$/.test(path) && !existsSync(join(repository, path.replace(/[.,]$/, ''))),
      ),
    ).toEqual([])
  })

  test('names objects of Kubernetes that the manifests make', () => {
    const named = commands
      .filter(({ text }) => text.includes('kubectl'))
      .flatMap(({ where, text }) =>
        [...text.matchAll(/\b(deploy|statefulset|job|cronjob)[/ ]([a-z][\w-]*)(?!\S*\/)/g)].map(
          ([, kind = '', name = '']) => ({
            where,
            text,
            object: `${KINDS[kind] ?? kind}/${name}`,
          }),
        ),
      )
    expect(named.length).toBeGreaterThan(6)
    // The command itself makes the job `restore`.
    expect(named.filter(({ object }) => !objects.has(object) && object !== 'job/restore')).toEqual([])
  })
})

describe('what the documents point to', () => {
  const PAGES = ['*.md', '{docs,deploy,findings,sandbox}/**/*.md', 'packages/*/*.md']
  const pages = globSync(PAGES, { cwd: repository }).map((path) => ({
    path,
    text: readRepositoryFile(path).replaceAll(/^ *```[\s\S]*?^ *```$/gm, ''),
  }))
  /** The anchor that GitHub gives to a heading. */
  const anchorOf = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
  const anchors = new Map(
    pages.map(({ path, text }) => [
      path,
      new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))),
    ]),
  )

  test('by links are files that exist, and headings that they have', () => {
    const links = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]+))?\)/g)].map(([, to = '', anchor]) => {
        const target = to === '' ? path : join(dirname(path), to)
        return { path, target: target.replace(/\/$/, ''), anchor }
      }),
    )
    expect(links.length).toBeGreaterThan(100)
    expect(links.filter(({ target }) => !existsSync(join(repository, target)))).toEqual([])
    expect(
      links.filter(
        ({ target, anchor }) => anchor && anchors.has(target) && !anchors.get(target)!.has(anchor),
      ),
    ).toEqual([])
  })

  test('by a command are programs that run under the shop’s own Node, and scripts that exist', () => {
    // Comments tell people what to type as well.
    const code = globSync('{src,tests,bench,bin,sandbox,packages,web,migrations,findings}/**/*.ts', {
      cwd: repository,
      exclude: ['**/node_modules/**'],
    }).map((path) => ({
      path,
      text: (readRepositoryFile(path).match(/^ *(?:\/\/|\/?\*).*$/gm) ?? []).join('\n'),
    }))
    const PROGRAM = /^(.*?)\bnode ((?:tests|bin|bench|sandbox|packages|web|findings)\/[\w./-]+\.ts)/gm
    const all = [...globSync(PAGES, { cwd: repository })].map((path) => ({
      path,
      text: readRepositoryFile(path),
    }))
    const typed = [...all, ...code].flatMap(({ path, text }) =>
      [...text.matchAll(PROGRAM)].map(([, before = '', program = '']) => ({ path, before, program })),
    )
    expect(typed.length).toBeGreaterThan(5)
    // Outside of a container a plain `node` is whatever this machine has, and an older one cannot read TypeScript.
    const isOurs = ({ before }: { before: string }) => /npm exec -- $|\b(?:docker|kubectl) .*$/.test(before)
    expect(typed.filter((one) => !isOurs(one))).toEqual([])
    expect(typed.filter(({ program }) => !existsSync(join(repository, program)))).toEqual([])
    const run = all.flatMap(({ path, text }) =>
      path.startsWith('packages/')
        ? []
        : [...text.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map(([, script = '']) => ({ path, script })),
    )
    expect(run.length).toBeGreaterThan(30)
    expect(run.filter(({ script }) => !scripts.includes(script))).toEqual([])
    const benches = [
      ...readRepositoryFile('bench/run.ts').matchAll(/^ {2}'?([\w-]+)'?: (?:bench\w+|'[\w-]+\.ts'),$/gm),
    ].map(([, name]) => name!)
    const measured = [...all, ...code].flatMap(({ path, text }) =>
      [...text.matchAll(/\bnpm run bench -- ([\w-]+)/g)].map(([, bench = '']) => ({ path, bench })),
    )
    expect(measured.length).toBeGreaterThan(30)
    expect(measured.filter(({ bench }) => !benches.includes(bench))).toEqual([])
  })

  test('by name are files of the repository that exist', () => {
    const NAMED = /`((?:src|tests|docs|bin|deploy|migrations|sandbox|bench|locales|web|findings)\/[\w./-]+)`/g
    const TEST = /`((?:crash|integration|unit|conformance|simulators|end-to-end)\/[\w-]+)`/g
    const named = pages
      .filter(({ path }) => !path.startsWith('packages/'))
      .flatMap(({ path, text }) => [
        ...[...text.matchAll(NAMED)].map(([, file = '']) => ({ path, file })),
        ...[...text.matchAll(TEST)].map(([, file = '']) => ({ path, file: `tests/${file}.test.ts` })),
      ])
    expect(named.length).toBeGreaterThan(200)
    expect(named.filter(({ file }) => !existsSync(join(repository, file)))).toEqual([])
  })
})
