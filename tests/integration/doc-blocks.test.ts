import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRedis } from '../../bin/infra/redis.ts'
import { readConfig } from '#shop/config.ts'
import { readCompose, readRepositoryFile, repository, SECRETS } from '../lib/compose.ts'
import { createDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { tempFolder } from '../lib/infra.ts'
import { objectsOf } from '../lib/kubernetes.ts'
import { onPath, redisAvailable } from '../lib/requirements.ts'

// What operators are told to type is typed here. Docker, kubectl and kustomize are stand-ins: a command that they
// would run in a container runs on this machine, by the same programs, with servers of the tests; what they are
// asked to do themselves is written down.

const DOCUMENTS = [
  'docs/runbook.md',
  'docs/backup.md',
  'docs/scaling.md',
  'deploy/k8s/README.md',
  'README.md',
]
const COMMAND =
  /^(?:[A-Z_]+=\S+ )*(?:docker|npm|npx|kubectl|openssl|bash|gpg|df|bin\/\S+) \S|^(?:select|update|insert|delete|alter|copy|grant|reassign|create|drop|show) \S/

interface Typed {
  document: string
  text: string
}

const blocks: Typed[] = []
const inline: Typed[] = []
for (const document of DOCUMENTS) {
  const BLOCK = /^ *```(\w+)\n([\s\S]*?)^ *```$/gm
  const all = readRepositoryFile(document)
  for (const [, kind, text = ''] of all.matchAll(BLOCK))
    if (kind !== 'mermaid') blocks.push({ document, text })
  for (const [, code = ''] of all.replaceAll(BLOCK, '').matchAll(/`([^`]+)`/g)) {
    const text = code.replaceAll(/\s+/g, ' ')
    if (COMMAND.test(text)) inline.push({ document, text })
  }
}

/** A line is tried by a test below, or by another file that runs the same program. */
type Tried = 'here' | { by: string; has: RegExp }
const elsewhere = (by: string, has: RegExp): Tried => ({ by, has })

/**
 * The first line of a block, or a command between words. A command that matches no line of this list was never
 * tried.
 */
const TRIED: [RegExp, Tried][] = [
  [/^(?:select|update|insert|delete|alter|copy|grant|reassign|create|drop|show) /, 'here'],
  [/^docker compose exec/, 'here'],
  [/^(?:docker compose exec postgres psql|\s+docker compose exec postgres psql)/, 'here'],
  [/^docker compose (?:build|stop|up|restart|logs|ps|pull|run --rm migrate$)/, 'here'],
  [/^docker compose config/, elsewhere('tests/unit/doc-commands.test.ts', /services of docker-compose/)],
  [/^docker (?:system|image|inspect)/, elsewhere('tests/unit/doc-commands.test.ts', /bash', \['-n'\]/)],
  [/^docker build/, 'here'],
  [/^kubectl/, 'here'],
  [/^digest=/, 'here'],
  [/^(?:gpg|openssl|df) /, 'here'],
  [/^DATABASE_URL=ADDRESS bash deploy\/backup/, 'here'],
  [/^BOT(?:S|_TOKEN)=/, 'here'],
  [/bin\/doctor\.ts|^npm run doctor/, elsewhere('tests/integration/doctor.test.ts', /'doctor'/)],
  [/bin\/story\.ts|^npm run story/, elsewhere('tests/integration/story.test.ts', /story/)],
  [/bin\/api-key\.ts|^npm run api-key/, elsewhere('tests/integration/api-key.test.ts', /api-key/)],
  [/bin\/reseal\.ts|^npm run reseal/, elsewhere('tests/integration/changing-keys.test.ts', /reseal/)],
  [/^npm run migrate/, elsewhere('tests/integration/doctor.test.ts', /'migrate', \['--check'\]/)],
  [/npm run backup/, elsewhere('tests/crash/restore.test.ts', /backup/)],
  [/^npm run fragment:token/, elsewhere('tests/integration/fragment-token.test.ts', /fragment-token/)],
  [/^npm ci && npm start|^npm start/, elsewhere('tests/integration/first-minute.test.ts', /bin\/start/)],
  [/^npm ci && npm test|^npm run check/, elsewhere('.ci/run', /npm run check/)],
  [/^npm run (?:gateway|worker)/, elsewhere('tests/crash/rolling-restart.test.ts', /bin\/gateway/)],
  [/^npm run (?:bench|chaos)/, elsewhere('tests/unit/doc-commands.test.ts', /npm scripts that exist/)],
  [/npx vitest run/, elsewhere('tests/unit/doc-commands.test.ts', /files that exist/)],
]
const triedBy = ({ text }: Typed) => TRIED.find(([of]) => of.test(text))?.[1]

test('every block and every command that operators are told to type says how it is tried', () => {
  expect(blocks.length).toBeGreaterThan(9)
  expect(inline.length).toBeGreaterThan(60)
  expect([...blocks, ...inline].filter((one) => triedBy(one) === undefined)).toEqual([])
  for (const [, tried] of TRIED)
    if (tried !== 'here') expect(readRepositoryFile(tried.by), tried.by).toMatch(tried.has)
  const unused = TRIED.filter(([of]) => ![...blocks, ...inline].some(({ text }) => of.test(text)))
  expect(unused).toEqual([])
})

describe.skipIf(!redisAvailable())('typed as it is written', () => {
  let database: TestDatabase
  let name: string
  let redis: Awaited<ReturnType<typeof startRedis>>
  let folder: string
  let client: pg.Client
  const BACKUP_KEY = randomBytes(32).toString('base64')

  beforeAll(async () => {
    database = await createDatabase()
    name = new URL(database.url).pathname.slice(1)
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    folder = await tempFolder()
    redis = await startRedis({
      dataDir: folder,
      log: { info() {}, warn() {} },
      databases: 1,
      fsync: 'everysec',
    })
    for (const one of ['bin', 'backups']) mkdirSync(join(folder, one))
    for (const [program, text] of Object.entries(STAND_INS)) {
      writeFileSync(join(folder, 'bin', program), `#!/bin/bash\n${text}\n`)
      chmodSync(join(folder, 'bin', program), 0o755)
    }
  })
  afterAll(async () => {
    await client.end()
    await redis.stop()
    await database.drop()
  })

  const said = () => {
    const path = join(folder, 'said')
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
  }

  /**
   * Runs the text in bash.
   * @returns what it wrote, and what it asked of the stand-ins
   */
  function type(text: string, own: Record<string, string> = {}): { out: string; asked: string[] } {
    const { hostname, port, username, password } = new URL(database.url)
    writeFileSync(join(folder, 'said'), '')
    const out = execFileSync('bash', ['-e', '-o', 'pipefail', '-c', text], {
      cwd: repository,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
        HOME: folder,
        NODE: process.execPath,
        REPOSITORY: repository,
        OUT: folder,
        REDIS_PORT: new URL(redis.url).port,
        REDISCLI_AUTH: decodeURIComponent(new URL(redis.url).password),
        REDIS_CLI: (onPath('redis-cli') ?? onPath('valkey-cli'))!,
        PGHOST: hostname,
        PGPORT: port,
        PGUSER: decodeURIComponent(username),
        PGPASSWORD: decodeURIComponent(password),
        PGDATABASE: name,
        BACKUPS: join(folder, 'backups'),
        BACKUP_KEY,
        DATABASE_URL: database.url,
        ...own,
      },
    })
    return { out, asked: said().filter(Boolean) }
  }
  const blockOf = (document: string, of: RegExp) => {
    const found = blocks.filter((one) => one.document === document && of.test(one.text))
    expect(found).toHaveLength(1)
    return found[0]!.text
  }

  test('each statement works on a database of this release', async () => {
    const statements = inline.filter(({ text }) => !COMMAND_OF_A_PROGRAM.test(text))
    expect(statements.length).toBeGreaterThan(4)
    for (const { text } of statements) {
      const statement = text.replace('role …', `role ${new URL(database.url).username}`)
      await client.query('begin')
      if (ON_THE_REPLICA.test(statement))
        await expect(client.query(statement)).rejects.toThrow(/recovery is not in progress/)
      else if (statement.startsWith('copy ')) type(`psql -c "${statement}"`)
      else await client.query(statement)
      await client.query('rollback')
    }
  })

  test('lines of the audit log that an operator has looked into are marked as known, the first ones and further ones', async () => {
    const block = blockOf('docs/runbook.md', /audit lines known/)
    type(block)
    type(block.replace('5,7', '9'))
    const { rows } = await client.query(`select value from cursors where name = 'audit lines known'`)
    expect(rows).toEqual([{ value: '5,7,9' }])
  })

  test('a dead letter that is given back is owed again', async () => {
    const [give] = inline.filter(({ text }) => text.startsWith('update outbox'))
    await client.query(
      `insert into outbox (job, key, payload, state, reason) values ('...', 'given back', '{}', 'dead', 'why')`,
    )
    await client.query(give!.text)
    const { rows } = await client.query(`select state, reason from outbox where key = 'given back'`)
    expect(rows).toEqual([{ state: 'owed', reason: null }])
  })

  test('the lines for Redis work: who takes the memory, a higher limit, an empty server', () => {
    const asked = inline.filter(({ text }) => text.startsWith('docker compose exec redis'))
    expect(asked).toHaveLength(3)
    type(`redis-cli set somebody here`)
    const [biggest, limit, empty] = asked.map(({ text }) => type(text).out)
    expect(biggest).toMatch(/Biggest string found .*somebody/)
    expect(limit).toBe('OK\n')
    expect(type('redis-cli config get maxmemory').out).toContain('1073741824')
    expect(empty).toBe('OK\n')
    expect(type('redis-cli dbsize').out.trim()).toBe('0')
  })

  test('a backup is put aside, opened and laid into a new database, and the one before is dropped', async () => {
    await client.end()
    type('bash deploy/backup/backup.sh once')
    const [file] = readdirSync(join(folder, 'backups'))
    const here = (text: string) =>
      text
        .replaceAll(/\btelekassa_before\b/g, `${name}_before`)
        .replaceAll(/(database|-d) telekassa\b/g, `$1 ${name}`)
        .replaceAll('/backups/FILE', join(folder, 'backups', file!))
        .replaceAll(/\bFILE\b/g, join(folder, 'backups', file!))
    try {
      type(here(blockOf('docs/runbook.md', /rename to telekassa_before/)))
      expect(readFileSync(join(folder, 'restored'), 'utf8')).toBe('dumped\n')
      expect(readFileSync(join(folder, 'restored.how'), 'utf8').trim()).toBe(
        `--exit-on-error --no-owner --no-privileges -U telekassa -d ${name}`,
      )
      const isThere = () =>
        type(
          `psql -At -d postgres -c "select datname from pg_database where datname like '${name}%' order by 1"`,
        )
          .out.trim()
          .split('\n')
      expect(isThere()).toEqual([name, `${name}_before`])
      const list = inline.find(({ text }) => text === 'docker compose exec backup ls /backups')!
      expect(type(list.text.replace('/backups', join(folder, 'backups'))).out.trim()).toBe(file)
      const gpg = inline.find(({ text }) => text.startsWith('gpg --decrypt'))!
      const loud = `gpg --batch --quiet --pinentry-mode loopback --passphrase ${BACKUP_KEY}`
      expect(type(here(gpg.text).replace('gpg', loud)).out).toBe('dumped\n')
      const restore = inline.find(({ text }) => text.startsWith('DATABASE_URL=ADDRESS bash'))!
      type(here(restore.text).replace('ADDRESS', database.url))
      expect(readFileSync(join(folder, 'restored.how'), 'utf8')).toContain(`--dbname=${database.url}`)
      const drop = inline.find(({ text }) => text.includes(' dropdb '))!
      type(here(drop.text))
      expect(isThere()).toEqual([name])
    } finally {
      client = new pg.Client({ connectionString: database.url })
      await client.connect()
    }
  })

  test('a release goes out role by role behind its migration, and what is stopped for a restore is every role', () => {
    const { asked } = type(blockOf('docs/runbook.md', /for role in bot/))
    const roles = Object.entries(readCompose(SECRETS).services)
      .filter(([, { command }]) => /bin\/(worker|gateway)\.ts/.test(String(command?.[0])))
      .map(([role]) => role)
    expect(asked.slice(0, 2)).toEqual(['docker compose build', 'docker compose run --rm migrate'])
    const started = asked.slice(2).map((one) => /^docker compose up -d --no-deps (\w+)$/.exec(one)![1]!)
    expect(started.toSorted()).toEqual(roles.toSorted())
    expect(started.at(-1)).toBe('gateway')
    for (const { text } of inline.filter((one) =>
      /^docker (?:compose (?:stop|up|restart|logs|ps|pull)|build)/.test(one.text),
    ))
      expect(type(text.replace(/ X\b/, ' bot')).asked).toHaveLength(1)
  })

  test('in Kubernetes the Secrets hold all that the manifests ask for, and the settings can be read from them', () => {
    writeFileSync(
      join(folder, 'bots.json'),
      '[{"name":"main","token":"123:AAbbccddeeffgghhiijjkkllmmnnooppqqrr","admins":[1]}]',
    )
    const { asked } = type(`cd ${folder}\n${blockOf('deploy/k8s/README.md', /create namespace/)}`)
    expect(asked[0]).toBe('kubectl create namespace telekassa')
    const secrets = new Map(
      asked
        .map((one) => /^kubectl -n telekassa create (?:secret generic|configmap) (\S+) (.*)$/.exec(one))
        .filter((one) => one !== null)
        .map(([, secret, rest]) => [
          secret!,
          Object.fromEntries(
            [...rest!.matchAll(/--from-(literal|file)=(\w+)=(\S+)/g)].map(([, kind, key, value]) => [
              key!,
              kind === 'file' ? readFileSync(join(folder, value!), 'utf8') : value!,
            ]),
          ),
        ]),
    )
    const manifests = JSON.stringify([
      ...objectsOf('deploy/k8s/overlays/small'),
      ...objectsOf('deploy/k8s/migrate'),
      ...objectsOf('deploy/backup'),
    ])
    const keys = [...manifests.matchAll(/"secretKeyRef":(\{[^}]*\})/g)].map(
      ([, ref]) => JSON.parse(ref!) as { name: string; key: string; optional?: boolean },
    )
    expect(keys.length).toBeGreaterThan(3)
    for (const { name: secret, key, optional } of keys)
      if (!optional) expect(secrets.get(secret), `${secret} ${key}`).toHaveProperty(key)
    for (const [, file] of manifests.matchAll(/\/run\/secrets\/telekassa\/(\w+)/g))
      if (file !== 'DATABASE_READ_URL') expect(secrets.get('telekassa')).toHaveProperty(file!)
    const own = secrets.get('telekassa')!
    const { config } = { config: readConfig({ ...own, DATA_DIR: folder }) }
    expect(config.bots).toHaveLength(1)
    expect(new URL(config.databaseUrl!).username).toBe('telekassa_shop')
    const owner = new URL(secrets.get('telekassa-migrate')!['MIGRATE_DATABASE_URL']!)
    expect(owner.password).toBe(secrets.get('telekassa-servers')!['POSTGRES_PASSWORD'])
    expect(own['REDIS_URL']).toContain(secrets.get('telekassa-servers')!['REDIS_PASSWORD'])
  })

  test('in Kubernetes a release migrates before a role of it starts, by folders and images that there are', () => {
    const { asked } = type(blockOf('deploy/k8s/README.md', /^docker build/))
    const at = (one: RegExp) => asked.findIndex((line) => one.test(line))
    expect(at(/wait --for=condition=complete .* job\/migrate/)).toBeGreaterThan(
      at(/apply -k deploy\/k8s\/migrate/),
    )
    expect(at(/apply -k deploy\/k8s\/overlays\/small$/)).toBe(asked.length - 1)
    expect(asked.filter((line) => line.startsWith('kustomize edit'))).toHaveLength(2)
    const pinned = type(blockOf('deploy/k8s/README.md', /imagetools/)).asked.filter((line) =>
      line.startsWith('kustomize'),
    )
    expect(pinned).toEqual(
      [1, 2].map(() => 'kustomize edit set image telekassa=registry.example.com/telekassa@sha256:abc'),
    )
    for (const { text } of inline.filter(
      (one) => one.text.startsWith('kubectl') && !one.text.includes('bin/'),
    ))
      expect(type(text.replace('/X', '/bot')).asked).toHaveLength(1)
    const restore = type(blockOf('docs/runbook.md', /create job restore/))
    // Both ends of the pipe begin at once, so the calls may stand in either order.
    expect(restore.asked).toContain('kubectl -n telekassa apply -f -')
    expect(readFileSync(join(folder, 'applied'), 'utf8')).toContain(
      'exec bash /scripts/backup.sh restore /backups/FILE',
    )
  })

  test('the settings of the first lines are settings, and keys are made as they have to be', () => {
    const settings = { ENCRYPTION_KEY: SECRETS.ENCRYPTION_KEY, DATA_DIR: folder }
    const AA = /AA\.\.\./g
    const token = 'AAbbccddeeffgghhiijjkkllmmnnooppqqrr'
    const [bots] = blocks.filter(({ text }) => text.startsWith('BOTS='))
    const value = type(`${bots!.text.trim()}\necho "$BOTS"`).out.replaceAll(AA, token)
    expect(readConfig({ ...settings, BOTS: value }).bots.map((bot) => bot.name)).toEqual(['main', 'art'])
    const [one] = blocks.filter(({ text }) => text.startsWith('BOT_TOKEN='))
    const given = Object.fromEntries(
      [...one!.text.replaceAll(AA, token).matchAll(/([A-Z_]+)=(\S+)/g)].map(([, key, text]) => [key!, text!]),
    )
    expect(readConfig({ ...settings, ...given }).bots[0]!.admins).toHaveLength(1)
    const key = inline.find(({ text }) => text === 'openssl rand -base64 32')!
    expect(Buffer.from(type(key.text).out, 'base64')).toHaveLength(32)
    expect(type('df -h').out).toContain('%')
  })
})

const COMMAND_OF_A_PROGRAM = /^(?:[A-Z_]+=|docker|npm|npx|kubectl|openssl|bash|gpg|df|bin\/)/
const ON_THE_REPLICA = /pg_is_wal_replay_paused|pg_wal_replay_resume/

const STAND_INS: Record<string, string> = {
  docker: `
printf '%s\\n' "docker $*" >> "$OUT/said"
case "$1 $2" in
  'compose exec')
    shift 2
    [ "$1" = -T ] && shift
    service=$1; shift
    [ "$service $2" = 'backup /usr/local/bin/backup.sh' ] && set -- bash "$REPOSITORY/deploy/backup/backup.sh" "\${@:3}"
    exec "$@" ;;
  'buildx imagetools') echo sha256:abc ;;
esac`,
  kubectl: `
printf '%s\\n' "kubectl $*" >> "$OUT/said"
for one in "$@"; do
  if [ "$before" = -k ] && [ ! -f "$one/kustomization.yaml" ]; then echo "no $one" >&2; exit 1; fi
  before=$one
done
case "$*" in
  *'create job restore'*) cat "$REPOSITORY/deploy/backup/cronjob.yaml" ;;
  *'apply -f -') cat > "$OUT/applied" ;;
esac`,
  kustomize: `[ -f kustomization.yaml ] || exit 1; printf '%s\\n' "kustomize $*" >> "$OUT/said"`,
  'redis-cli': 'exec "$REDIS_CLI" -p "$REDIS_PORT" "$@"',
  // pg_dump of version 18 is on few machines. Where it is, upkeep-gauges.test.ts tries what it does.
  pg_dump: 'echo dumped',
  pg_restore: `
case "$*" in
  --file=*) cat > /dev/null ;;
  *) cat > "$OUT/restored"; printf '%s\\n' "$*" > "$OUT/restored.how" ;;
esac`,
  // On a machine without psql a small stand-in does what is asked of psql here.
  ...(onPath('psql')
    ? {}
    : {
        psql: `exec "$NODE" "$REPOSITORY/tests/lib/little-psql.ts" "$@"`,
        dropdb: `exec "$NODE" "$REPOSITORY/tests/lib/little-psql.ts" -d postgres -c "drop database \${@: -1}"`,
      }),
}
