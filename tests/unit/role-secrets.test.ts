import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { knownSecrets } from '#shared/config/known-secrets.ts'
import { readConfig } from '#shop/config.ts'
import { paymentProviders, PROVIDER_NAMES } from '#shop/payments/providers/registry.ts'
import { ROLE_SECRETS, withoutOthersSecrets } from '#shop/role-secrets.ts'
import { workerTypes } from '#workers/run.ts'
import { environment, VENDOR_NAMES } from '../../sandbox/payments/start.ts'
import { SECRETS, readCompose, readRepositoryFile } from '../lib/compose.ts'
import { objectsOf } from '../lib/kubernetes.ts'
import type { Deployment } from '../lib/kubernetes.ts'

const ROLES = ['gateway', ...workerTypes.map(({ name }) => name)]
const GROUPS = Object.entries(ROLE_SECRETS)
const given = Object.fromEntries(
  GROUPS.flatMap(([, { names }]) => names.map((name) => [name, `secret-${name}`])),
)
/** What else the payment providers need to be on: their variables that are no secrets. */
const open = Object.fromEntries(
  Object.entries(
    environment(Object.fromEntries(VENDOR_NAMES.map((name) => [name, 'http://127.0.0.1:1']))),
  ).filter(([name]) => !(name in given)),
)
const holds = (role: string, holders: readonly string[]) => holders.includes(role)

describe('F120 a role has the keys that it uses and no others', () => {
  test('the table names every key of a provider that the settings know', () => {
    const config = readConfig({ ENCRYPTION_KEY: SECRETS.ENCRYPTION_KEY, ...open, ...given })
    const known = knownSecrets(config)
    const named = Object.keys(given).filter((name) => name !== 'OPS_USER')
    expect(named.filter((name) => !known.includes(`secret-${name}`))).toEqual([])
    const others = known.filter((value) => !Object.values(given).includes(value))
    expect(others).toEqual([SECRETS.ENCRYPTION_KEY])
  })

  test.each(ROLES)('in Compose, %s is given what the table says, whatever .env holds', (role) => {
    const { environment = {} } = readCompose({ ...SECRETS, ...given }).services[role]!
    for (const [group, { names, roles, known }] of GROUPS)
      for (const name of names) {
        // A variable that is not emptied comes from .env.
        const has = environment[name] ?? given[name]
        const should = holds(role, roles) ? given[name] : known ? 'elsewhere' : ''
        expect([group, name, has ?? '']).toEqual([group, name, should])
      }
    const nothing = readCompose(SECRETS).services[role]!.environment!
    for (const name of Object.keys(given)) expect([name, nothing[name] ?? '']).toEqual([name, ''])
  })

  test.each(ROLES)('in Kubernetes, %s is given the Secrets that the table says', (role) => {
    const deployment = objectsOf('deploy/k8s/overlays/small').find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === role,
    ) as unknown as Deployment
    const from = JSON.stringify(deployment.spec.template.spec.containers[0])
    for (const [group, { roles, known }] of GROUPS) {
      expect([group, from.includes(`"telekassa-${group}"`)]).toEqual([group, holds(role, roles)])
      if (known && !holds(role, roles)) expect(from).toContain('"telekassa-elsewhere"')
      expect(readRepositoryFile('deploy/k8s/README.md')).toContain(`secret generic telekassa-${group} `)
    }
    expect(from).not.toContain('telekassa-providers')
  })

  test('what a process has forgotten does not come back out of a .env file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'telekassa-env-'))
    writeFileSync(join(folder, '.env'), 'OPS_PASSWORD=word\n')
    const program = `
      import { loadDotEnv } from ${JSON.stringify(pathToFileURL(resolve('bin/lib/process.ts')).href)}
      loadDotEnv()
      const before = process.env.OPS_PASSWORD
      delete process.env.OPS_PASSWORD
      loadDotEnv()
      console.log(before, process.env.OPS_PASSWORD)`
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: folder,
      encoding: 'utf8',
    })
    rmSync(folder, { recursive: true })
    expect(stdout.trim()).toBe('word undefined')
  })

  test.each(ROLES)('a process of %s forgets what it is given and does not use', (role) => {
    const files = { CRYPTO_BOT_TOKEN_FILE: '/run/secrets/x' }
    const { environment: own, problems } = withoutOthersSecrets({ ...given, ...files, PORT: '1' }, [role])
    const kept = Object.keys(given).filter((name) => own[name] === given[name])
    expect(kept).toEqual(GROUPS.flatMap(([, { names, roles }]) => (holds(role, roles) ? names : [])))
    expect(problems).toEqual([])
    expect(own['PORT']).toBe('1')
    if (!holds(role, ROLE_SECRETS.payments.roles)) expect(own).not.toHaveProperty('CRYPTO_BOT_TOKEN_FILE')
    // The role still knows which providers there are, and no list of secrets contains the stand-in.
    const config = readConfig({ ENCRYPTION_KEY: SECRETS.ENCRYPTION_KEY, ...open, ...own })
    expect([...paymentProviders(config.payments).keys()]).toEqual(PROVIDER_NAMES)
    expect(knownSecrets(config)).not.toContain('elsewhere')
  })

  test('a role that works with a key refuses the stand-in “elsewhere” as its value, with which anybody could sign', () => {
    const word = { CRYPTO_BOT_TOKEN: 'elsewhere' }
    expect(withoutOthersSecrets(word, ['gateway']).problems).toEqual([
      expect.stringContaining('CRYPTO_BOT_TOKEN'),
    ])
    expect(withoutOthersSecrets(word, ['bot', 'billing']).problems).toHaveLength(1)
    expect(withoutOthersSecrets(word, ['bot']).problems).toEqual([])
  })
})
