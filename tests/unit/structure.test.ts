import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { catalogue } from '#shop/jobs.ts'
import { workerTypes } from '#workers/run.ts'
import { ROW_TYPE_BY_HAND } from '../lib/row-types.ts'
import { forbidden, readSource, sources } from '../lib/sources.ts'

const within =
  (...folders: string[]) =>
  (imported: string) =>
    folders.some((folder) => imported === folder || imported.startsWith(`${folder}/`))

const root = resolve(import.meta.dirname, '../..')
const src = sources('src/**/*.ts')
const workerOf = (path: string) => /^src\/workers\/([^/]+)\//.exec(path)?.[1]

/** The rooms from the bottom up: the core of a room may import the cores of the rooms before it. */
const ROOMS = [
  'loyalty',
  'payments',
  'pictures',
  'stars-premium',
  'shelf',
  'mailings',
  'exports',
  'balance-api',
  'support',
  'admin',
  'web',
]

/** `payments` and `worker` for `src/shop/payments/worker/settle.ts`. A file of the core has '' for its drawer. */
function roomOf(path: string): { room: string; drawer: string } | undefined {
  const [, room, rest = ''] = /^src\/shop\/([^/]+)\/(.+)$/.exec(path) ?? []
  if (room === undefined) return undefined
  const [, drawer = ''] = /^(?:(worker|bot)\/|(?:door)\.ts$)/.exec(rest) ?? []
  return { room, drawer: rest === 'door.ts' ? 'door' : drawer }
}
const isShopFile = (path: string) => /^src\/shop\/[^/]+\.ts$/.test(path)
const isKit = (path: string) => within('src/workers/bot')(path) && path !== 'src/workers/bot/worker.ts'

describe('who may import whom', () => {
  test('src has four parts: gateway, workers, shared, and the rooms in shop', () => {
    expect(new Set(src.map((file) => file.path.split('/')[1]))).toEqual(
      new Set(['gateway', 'shared', 'shop', 'workers']),
    )
    const rooms = new Set(src.flatMap((file) => roomOf(file.path)?.room ?? []))
    expect([...rooms].toSorted()).toEqual(ROOMS.toSorted())
  })

  test('shared imports shared; only the migrator sees the migrations', () => {
    const shared = src.filter((file) => within('src/shared')(file.path))
    expect(
      forbidden(
        shared,
        (imported, file) =>
          within('src/shared')(imported) ||
          (file.path === 'src/shared/db/migrate.ts' && imported === 'migrations/index.ts'),
      ),
    ).toEqual([])
  })

  test("the conversation's kit imports shared and itself, no room", () => {
    const kit = src.filter((file) => isKit(file.path))
    expect(kit.length).toBeGreaterThan(20)
    expect(forbidden(kit, (imported) => within('src/shared')(imported) || isKit(imported))).toEqual([])
  })

  test("a room's core imports shared and the cores of the rooms below it", () => {
    const cores = src.filter((file) => roomOf(file.path)?.drawer === '')
    expect(cores.length).toBeGreaterThan(80)
    expect(
      forbidden(cores, (imported, file) => {
        if (within('src/shared')(imported)) return true
        const here = roomOf(file.path)!
        const there = roomOf(imported)
        return there?.drawer === '' && ROOMS.indexOf(there.room) <= ROOMS.indexOf(here.room)
      }),
    ).toEqual([])
  })

  test("a room's drawer imports shared, cores and itself, never another drawer; bot/ the kit as well", () => {
    const drawers = src.filter((file) => roomOf(file.path)?.drawer)
    expect(drawers.length).toBeGreaterThan(100)
    expect(
      forbidden(drawers, (imported, file) => {
        if (within('src/shared')(imported)) return true
        const here = roomOf(file.path)!
        if (isKit(imported)) return here.drawer === 'bot'
        const there = roomOf(imported)
        if (there === undefined) return false
        return there.drawer === '' || (there.room === here.room && there.drawer === here.drawer)
      }),
    ).toEqual([])
  })

  test('the files of src/shop itself are the only ones that know all rooms', () => {
    const files = src.filter((file) => isShopFile(file.path))
    expect(files.length).toBeGreaterThan(4)
    const allowed = (imported: string) => within('src/shared', 'src/shop')(imported) || isKit(imported)
    expect(forbidden(files, allowed)).toEqual([])
  })

  test('the gateway imports shared and the files of src/shop', () => {
    const gateway = src.filter((file) => within('src/gateway')(file.path))
    expect(
      forbidden(gateway, (imported) => within('src/gateway', 'src/shared')(imported) || isShopFile(imported)),
    ).toEqual([])
  })

  test('a worker imports shared, the files of src/shop and its own folder, never another worker', () => {
    const workers = src.filter((file) => workerOf(file.path) !== undefined && !isKit(file.path))
    expect(
      forbidden(
        workers,
        (imported, file) =>
          within('src/shared', `src/workers/${workerOf(file.path)}`)(imported) || isShopFile(imported),
      ),
    ).toEqual([])
  })

  test('run.ts alone knows every worker, each by its worker.ts', () => {
    const run = readSource('src/workers/run.ts')
    const every = src
      .map((file) => file.path)
      .filter((path) => /^src\/workers\/[^/]+\/worker\.ts$/.test(path))
    expect(run.imports.filter(within('src/workers')).toSorted()).toEqual(every.toSorted())
    expect(workerTypes.map((type) => `src/workers/${type.name}/worker.ts`).toSorted()).toEqual(
      every.toSorted(),
    )
    expect(
      forbidden([run], (imported) => within('src/shared')(imported) || every.includes(imported)),
    ).toEqual([])
  })

  test("a provider's adapter imports its port, money, errors, http and storable, and no other adapter", () => {
    const adapters = src.filter((file) => /^src\/shop\/[^/]+\/(providers|reseller)\//.test(file.path))
    expect(adapters.length).toBeGreaterThan(20)
    const helpers = within(
      'src/shared/money.ts',
      'src/shared/errors.ts',
      'src/shared/http.ts',
      'src/shared/storable.ts',
      'src/shop/pictures/download.ts',
      'src/shop/stars-premium/supplier.ts',
    )
    const common = /\/(port|decimals|secrets|cryptomus-engine\/engine)\.ts$/
    expect(
      forbidden(adapters, (imported, file) => {
        const [, folder = '', adapter = ''] =
          /^(src\/shop\/[^/]+\/(?:providers|reseller))\/(.+)$/.exec(file.path) ?? []
        if (helpers(imported)) return true
        if (!within(folder)(imported)) return false
        // A kind with only one supplier has one adapter; otherwise the registry names all of them.
        if (!existsSync(join(root, folder, 'port.ts')) || adapter === 'registry.ts') return true
        return common.test(imported) || (adapter.includes('/') && dirname(imported) === dirname(file.path))
      }),
    ).toEqual([])
  })

  test('money imports errors, storable, the database, its declared tables and what a posting owes', () => {
    const ledger = src.filter((file) => /^src\/shared\/money\/(ledger|holds|proof|read)\.ts$/.test(file.path))
    expect(ledger).toHaveLength(4)
    const allowed = within(
      'src/shared/money',
      'src/shared/money.ts',
      'src/shared/errors.ts',
      'src/shared/storable.ts',
      'src/shared/tables.ts',
      'src/shared/db',
    )
    expect(forbidden(ledger, allowed)).toEqual([])
  })

  test('a path climbs no further than two folders: beyond that an alias names it', () => {
    const climbing = [...src, ...sources('bin/**/*.ts')].flatMap((file) =>
      [...file.text.matchAll(/from '((?:\.\.\/){3,}[^']+)'/g)].map((match) => `${file.path}: ${match[1]}`),
    )
    expect(climbing).toEqual(['src/shared/db/migrate.ts: ../../../migrations/index.ts'])
  })

  test('the simulators share no code with the product', () => {
    expect(forbidden(sources('sandbox/**/*.ts'), within('sandbox'))).toEqual([])
  })

  test('the simulator of Telegram is a package of its own: it imports itself and Node, and knows no shop', () => {
    const files = sources('packages/telegram-sandbox/src/**/*.ts')
    expect(files.length).toBeGreaterThan(45)
    expect(forbidden(files, within('packages/telegram-sandbox/src'))).toEqual([])
    const foreign = files.flatMap((file) =>
      file.packages.filter((name) => /^@?[a-z][\w./@-]*$/.test(name)).map((name) => `${file.path}: ${name}`),
    )
    expect(foreign).toEqual([])
    const manifest = readSource('packages/telegram-sandbox/package.json')
    expect(JSON.parse(manifest.text)).not.toHaveProperty('dependencies')
    const shopWords = /\bshops?\b|telekassa(?!\/telegram-sandbox)|\bcustomers?\b|\bseller\b/i
    const page = sources('packages/telegram-sandbox/src/page/**/*.{js,css,html}')
    expect(page.length).toBeGreaterThan(30)
    const named = [...files, ...page, manifest, readSource('packages/telegram-sandbox/README.md')].filter(
      (file) => shopWords.test(file.text),
    )
    expect(named.map((file) => file.path)).toEqual([])
  })

  test('nobody reaches past the entries of that package', () => {
    const everybody = sources(
      'src/**/*.ts',
      'bin/**/*.ts',
      'sandbox/**/*.ts',
      'tests/**/*.ts',
      'bench/**/*.ts',
    )
    const deep = forbidden(
      everybody,
      (imported) =>
        imported === 'packages/telegram-sandbox/table.ts' || !within('packages/telegram-sandbox')(imported),
    )
    expect(deep).toEqual([])
    const product = [...sources('src/**/*.ts')].filter((file) =>
      file.packages.some((name) => name.startsWith('@telekassa/telegram-sandbox')),
    )
    expect(product.map((file) => file.path)).toEqual([])
  })

  test('no file of src reaches itself by its imports, those of types included', () => {
    const importsOf = new Map(src.map(({ path, imports }) => [path, imports]))
    const done = new Set<string>()
    const circleFrom = (path: string, way: string[]): string[] => {
      if (way.includes(path)) return [[...way.slice(way.indexOf(path)), path].join(' > ')]
      if (done.has(path)) return []
      done.add(path)
      return (importsOf.get(path) ?? []).flatMap((next) => circleFrom(next, [...way, path]))
    }
    expect([...importsOf.keys()].flatMap((path) => circleFrom(path, []))).toEqual([])
  })

  test('migrations import nothing of the product', () => {
    const migrations = sources('migrations/*.ts')
    expect(migrations.length).toBeGreaterThan(4)
    expect(forbidden(migrations, within('migrations'))).toEqual([])
  })

  test('the entries of the process start parts and know no drawers', () => {
    const allowed = within('bin', 'sandbox', 'src/shared', 'src/gateway/start.ts', 'src/workers/run.ts')
    expect(
      forbidden(
        sources('bin/**/*.ts'),
        (imported) => allowed(imported) || isShopFile(imported) || roomOf(imported)?.drawer === '',
      ),
    ).toEqual([])
  })

  test('invoices in Stars have one maker', () => {
    const makers = src.filter((file) => /\b(createInvoiceLink|sendInvoice)\(/.test(file.text))
    expect(makers.map((file) => file.path)).toEqual(['src/shop/payments/stars-invoice.ts'])
  })

  test('every end of a purchase of Stars and Premium stands in one file', () => {
    const ending = /\bmoveOrder\(\s*tx,[^,]+,\s*'(delivered|failed|refunded|cancelled)'|\b(capture|release)\(/
    const room = src.filter((file) => within('src/shop/stars-premium')(file.path) && ending.test(file.text))
    // Releasing a connection to the database is a release, too.
    expect(room.map((file) => file.path)).toEqual([
      'src/shop/stars-premium/endings.ts',
      'src/shop/stars-premium/token-store.ts',
    ])
  })

  test('ledger rows are written in the ledger only', () => {
    const writers = src
      .filter(
        (file) =>
          /(insert into|update|delete from)\s+(postings|entries|wallets|holds)\b/i.test(file.text) ||
          /\b(insertInto|updateTable|deleteFrom)\('(postings|entries|wallets|holds)\b/.test(file.text),
      )
      .map((file) => file.path)
    expect(writers).toEqual(['src/shared/money/holds.ts', 'src/shared/money/ledger.ts'])
  })
})

test('attempts are written in one file for pictures and in one for what the reseller buys', () => {
  const writers = src
    .filter(
      (file) =>
        /(insert into|update|delete from)\s+attempts\b/i.test(file.text) ||
        /\b(insertInto|updateTable|deleteFrom)\('attempts\b/.test(file.text),
    )
    .map((file) => file.path)
  expect(writers).toEqual(['src/shared/money/attempts.ts', 'src/shop/pictures/attempts.ts'])
})

test('the row types that no compiler checks become fewer: new statements are written with the builder of their tables', () => {
  const byHand = src.flatMap(({ text }) => [...text.matchAll(ROW_TYPE_BY_HAND)])
  // Lower this number with every statement that a builder (src/shared/db/build.ts) takes over.
  expect(byHand.length).toBeLessThanOrEqual(50)
})

test('a statement that is written by hand says why: in its function, above it, or once for its file', () => {
  const silent = src.flatMap(({ path, text }) => {
    if (/Statements of this file are by hand: /.test(text)) return []
    const statements = [...text.matchAll(/\bq(?:<[^`]*?>)?`\s*(?:select|insert|update|delete|with)\b/g)]
    return statements
      .filter(({ index }) => {
        // The text from the end of the declaration before it.
        const start = Math.max(0, ...['\n}\n', '\n)\n', ']\n\n'].map((end) => text.lastIndexOf(end, index)))
        return !/by hand/i.test(text.slice(start, index))
      })
      .map(({ index }) => `${path}:${text.slice(0, index).split('\n').length}`)
  })
  expect(silent).toEqual([])
})

describe('complete', () => {
  test('every job of the catalogue has its handler in a worker that consumes its queue', () => {
    const exported = sources('src/shared/queue/jobs/*.ts', 'src/shop/*/jobs.ts').flatMap((file) =>
      [...file.text.matchAll(/^export const (\w+)/gm)].map((match) => match[1]!),
    )
    expect(exported).toHaveLength(catalogue.size)
    const handled = src
      .filter((file) => workerOf(file.path) || roomOf(file.path)?.drawer)
      .flatMap((file) => [...file.text.matchAll(/\bhandle\(\s*(\w+)/g)].map((match) => match[1]!))
    expect(handled.toSorted()).toEqual(exported.toSorted())
  })

  test('every queue that has jobs is consumed by one worker', () => {
    for (const job of catalogue.values()) {
      const consumers = workerTypes.filter((type) => type.queues.includes(job.queue))
      expect(
        consumers.map((type) => type.name),
        `${job.name} on ${job.queue}`,
      ).toHaveLength(1)
    }
  })

  test('every worker.ts says in five lines what it consumes, produces and does on retry', () => {
    const header =
      /^\/\*\n \* consumes {5}\S.*\n \* produces {5}\S.*\n \* writes {7}\S.*\n \* idempotent {3}\S.*\n \* on retry {5}\S.*\n \*\/\n/
    const without = src.filter(
      (file) => /^src\/workers\/[^/]+\/worker\.ts$/.test(file.path) && !header.test(file.text),
    )
    expect(without.map((file) => file.path)).toEqual([])
  })

  test('no file of the product is longer than 320 lines', () => {
    const long = src
      .map((file) => ({ path: file.path, lines: file.text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > 320)
    expect(long).toEqual([])
  })

  test('no test file is longer than 400 lines', () => {
    const long = sources('tests/**/*.ts').filter(({ text }) => text.split('\n').length - 1 > 400)
    expect(long.map(({ path }) => path)).toEqual([])
  })

  test('an exported name is one thing: no two files of src export the same name', () => {
    const files = new Map<string, string[]>()
    for (const { path, text } of src) {
      const names = text.matchAll(
        /^export (?:async )?(?:abstract )?(?:function\*?|const|let|interface|type|class|enum) (\w+)/gm,
      )
      // An overload is the same function, and a type may have the name of its own value.
      for (const name of new Set([...names].map((match) => match[1]!))) {
        files.set(name, [...(files.get(name) ?? []), path])
      }
    }
    expect(files.size).toBeGreaterThan(900)
    const doubles = [...files].filter(([, paths]) => paths.length > 1)
    expect(Object.fromEntries(doubles)).toEqual({})
  })

  test('no test is left out by hand, and none is alone', () => {
    const marked = sources('tests/**/*.ts').filter((file) =>
      /\b(describe|test|it|bench)(\.concurrent|\.sequential)?\.(only|skip|todo|fails)\b/.test(file.text),
    )
    expect(marked.map((file) => file.path)).toEqual([])
  })

  test.skipIf(!existsSync(join(root, 'README.md')))('every setting that the README names is read', () => {
    const config = sources('src/**/*.ts', 'bin/**/*.ts')
      .map((file) => file.text)
      .join('\n')
    const rows = readSource('README.md').text.matchAll(/^\| (`?[A-Z][^|]*) \|/gm)
    const names = [...rows].flatMap((row) => row[1]!.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b/g) ?? [])
    const unknown = names.filter((name) => !new RegExp(`['.]${name.replace(/_FILE$/, '')}\\b`).test(config))
    expect(unknown).toEqual([])
  })
})

test('a test that needs Redis is left out where there is none', () => {
  const needing = sources('tests/**/*.test.ts').filter(({ text }) =>
    /\b(openShop|redisUrl|startPrivateRedis)\(/.test(text),
  )
  expect(needing.length).toBeGreaterThan(20)
  const guarded = /redisAvailable\(\)|testOnRedis|inject\('redisUrl'\)/
  expect(needing.filter(({ text }) => !guarded.test(text)).map(({ path }) => path)).toEqual([])
})
