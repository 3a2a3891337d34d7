import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { workerTypes } from '#workers/run.ts'
import { SECRETS, readCompose, readRepositoryFile, repository, settingNames } from '../lib/compose.ts'

const compose = readCompose(SECRETS)
const { services } = compose
const workers = Object.keys(services).filter((name) => services[name]!.command?.[0] === 'bin/worker.ts')
const roles = ['gateway', ...workers]

test('docker-compose.yml follows the Compose specification, unknown keys included', () => {
  const schema = JSON.parse(readRepositoryFile('node_modules/dclint/schemas/compose.schema.json')) as {
    $schema?: string
  }
  delete schema.$schema // ajv knows the draft 7 by its http name only.
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  const check = ajv.compile(schema)
  expect(check(compose), JSON.stringify(check.errors, null, 2)).toBe(true)
  const broken = structuredClone(compose)
  Object.assign(broken.services['bot']!, { stop_grace_time: '5s' })
  expect(check(broken)).toBe(false)
})

test('every worker is a service of its own, and so are the gateway and the migrations', () => {
  for (const { name } of workerTypes) expect(services[name]?.command).toEqual(['bin/worker.ts', name])
  for (const worker of workers) expect(services[worker]!.command).toEqual(['bin/worker.ts', worker])
  expect(services['gateway']?.command).toEqual(['bin/gateway.ts'])
  expect(services['migrate']?.command).toEqual(['bin/migrate.ts', '--check'])
})

test('every variable that a role is given is one that the settings know', () => {
  const known = settingNames()
  for (const name of [...roles, 'migrate']) {
    for (const variable of Object.keys(services[name]!.environment!)) {
      // A variable that is emptied is the key of another service.
      const isEmptied = services[name]!.environment![variable] === ''
      if (variable !== 'NODE_OPTIONS' && !isEmptied) expect(known, `${name}: ${variable}`).toContain(variable)
    }
  }
})

test('every service starts a program that exists and that npm starts in the same way', () => {
  const { scripts } = JSON.parse(readRepositoryFile('package.json')) as { scripts: Record<string, string> }
  for (const name of [...roles, 'migrate']) {
    const program = services[name]!.command![0]!
    expect(existsSync(resolve(repository, program)), program).toBe(true)
    expect(Object.values(scripts)).toContain(`exec node ${program}`)
  }
})

describe.each(roles)('%s', (name) => {
  const service = services[name]!

  test('can be scaled: no fixed container name, no port of the host, replicas from the environment', () => {
    expect(service.container_name).toBeUndefined()
    expect(service.ports).toBeUndefined()
    const variable = `${name.toUpperCase()}_REPLICAS`
    expect(readCompose({ ...SECRETS, [variable]: '3' }).services[name]!.deploy!.replicas).toBe('3')
    expect(service.deploy!.replicas).toBe('1')
  })

  test('starts after the migrations, the database and the queue', () => {
    expect(service.depends_on).toEqual({
      migrate: { condition: 'service_completed_successfully' },
      postgres: { condition: 'service_healthy' },
      redis: { condition: 'service_healthy' },
    })
  })

  test('runs without rights, on a file system it cannot change, with a memory limit', () => {
    expect(service).toMatchObject({
      user: '1000:1000',
      read_only: true,
      cap_drop: ['ALL'],
      restart: 'unless-stopped',
    })
    expect(service.security_opt).toEqual(['no-new-privileges:true'])
    const limit = service.deploy!.resources!.limits!.memory!
    const heapMb = Number(/max-old-space-size=(\d+)/.exec(service.environment!['NODE_OPTIONS']!)![1])
    const limitMb = Number.parseInt(limit, 10) * (limit.endsWith('g') ? 1024 : 1)
    expect(heapMb).toBeLessThanOrEqual(limitMb * 0.75)
  })

  test('gets more time to stop than it needs to drain', () => {
    // Every process ends within 10 s of SIGTERM, and docker kills it after 10 s unless a longer time is set.
    expect(Number.parseInt(service.stop_grace_period!, 10)).toBeGreaterThan(10)
  })
})

test('nothing takes all the memory of the machine, and what serves somebody is asked whether it does', () => {
  for (const [name, service] of Object.entries(services)) {
    expect(service.deploy?.resources?.limits?.memory, name).toMatch(/^\d+[mg]$/)
    // The image of the roles brings its own check. The backup serves nobody, and its age is watched instead.
    const checked =
      service.healthcheck?.test ?? ([...roles, 'migrate', 'backup'].includes(name) ? ['image'] : [])
    expect(checked, name).not.toEqual([])
    if (name !== 'migrate')
      expect([service.restart, service.logging?.driver], name).toEqual(['unless-stopped', 'json-file'])
  }
})

test('only the proxy is open to the world', () => {
  for (const [name, service] of Object.entries(services)) {
    if (name === 'proxy') continue
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
  }
})

test('without passwords nothing starts, and the message and the first lines of the file say what to put into .env', () => {
  const [head = ''] = readRepositoryFile('docker-compose.yml').split('\nname: ')
  for (const name of Object.keys(SECRETS)) {
    expect(() => readCompose({ ...SECRETS, [name]: '' })).toThrow(`put ${name} into .env`)
    expect(head).toContain(name)
  }
})

test('every file that is mounted exists, and every named volume is declared', () => {
  const { volumes } = compose as unknown as { volumes: Record<string, unknown> }
  for (const service of Object.values(services)) {
    for (const volume of service.volumes ?? []) {
      const source = volume.split(':')[0]!
      // The file system of the machine itself is mounted for reading only, to see how full its disks are.
      if (source === '/') expect(volume).toMatch(/:ro(,|$)/)
      else if (source.startsWith('.')) expect(existsSync(resolve(repository, source)), source).toBe(true)
      else expect(Object.keys(volumes)).toContain(source)
    }
  }
})

test('what the documents tell to type names services and programs that exist, and a deploy leaves no role out', () => {
  const documents = ['README.md', 'README.ru.md', 'docs/runbook.md', 'docs/backup.md', 'deploy/k8s/README.md']
  const text = documents
    .map(readRepositoryFile)
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
  const named = [
    ...text.matchAll(/docker compose (?:stop|restart|exec(?: -T)?|run --rm|logs) ((?:[a-z]+ ?)+)/g),
  ]
  const whole = named.filter(([command]) => /compose (stop|restart)/.test(command))
  const words = named.map(([, rest]) => rest!.split(' ')[0]!)
  expect(named.length).toBeGreaterThan(8)
  for (const service of [...words, ...whole.flatMap(([, rest]) => rest!.trim().split(' '))]) {
    expect(Object.keys(services)).toContain(service)
  }
  for (const [program] of text.matchAll(/\bbin\/[\w-]+\.ts\b/g)) {
    expect(existsSync(resolve(repository, program)), program).toBe(true)
  }
  for (const list of [/for role in ([a-z ]+);/, /docker compose stop (gateway bot [a-z ]+)`/]) {
    expect(list.exec(text)![1]!.split(' ').toSorted()).toEqual(roles.toSorted())
  }
})

test('the job that restores in Kubernetes is the one that backs up, with another program and another role', () => {
  const runbook = readRepositoryFile('docs/runbook.md')
  const job = readRepositoryFile('deploy/backup/cronjob.yaml')
  const seds = [...runbook.matchAll(/^ {2}\| (sed '[^']+') \\$/gm)].map(([, sed]) => sed)
  expect(seds).toHaveLength(2)
  const changed = execFileSync('bash', ['-c', seds.join(' | ')], { input: job, encoding: 'utf8' })
  const [cronJob] = parseAllDocuments(changed).map((one) => one.toJS() as CronJob)
  const [container] = cronJob!.spec.jobTemplate.spec.template.spec.containers
  expect(container!.command.at(-1)).toBe(
    'DATABASE_URL="$OWNER_URL" exec bash /scripts/backup.sh restore /backups/FILE',
  )
  expect(container!.env.map(({ name }) => name)).toEqual(['BACKUPS', 'OWNER_URL', 'BACKUP_KEY'])
})

test('F84 what only one service uses is given to no other: the owner of the tables, the key of the backups', () => {
  const own = { POSTGRES_PASSWORD: 'db-secret', BACKUP_KEY: SECRETS.BACKUP_KEY }
  const holders = (secret: string) =>
    Object.keys(services).filter((name) => {
      const { environment = {}, command = [], env_file } = services[name]!
      // Every role is given the whole .env, so the keys of other roles have to be emptied.
      const given = { ...(env_file && own), ...environment }
      return [...Object.values(given), ...command].some((value) => String(value).includes(secret))
    })
  expect(holders(own.POSTGRES_PASSWORD)).toEqual(['postgres', 'migrate'])
  expect(holders(own.BACKUP_KEY)).toEqual(['migrate', 'backup'])
  const users = roles.map((name) => new URL(services[name]!.environment!['DATABASE_URL']!).username)
  expect([...new Set(users)]).toEqual(['telekassa_shop'])
  expect(new URL(services['backup']!.environment!['DATABASE_URL']!).username).toBe('telekassa_shop')
})

interface CronJob {
  spec: {
    jobTemplate: {
      spec: { template: { spec: { containers: { command: string[]; env: { name: string }[] }[] } } }
    }
  }
}
