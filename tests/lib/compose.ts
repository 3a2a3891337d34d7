import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { readConfig } from '#shop/config.ts'

export interface ComposeService {
  image: string
  command?: string[]
  environment?: Record<string, string>
  env_file?: { path: string }[]
  ports?: string[]
  volumes?: string[]
  profiles?: string[]
  container_name?: string
  build?: string
  user?: string
  read_only?: boolean
  restart?: string
  logging?: { driver: string }
  cap_drop?: string[]
  security_opt?: string[]
  stop_grace_period?: string
  healthcheck?: { test?: string[]; disable?: boolean }
  depends_on?: Record<string, { condition: string }> | string[]
  deploy?: { replicas?: string; resources?: { limits?: { memory?: string } } }
}

export const repository = resolve(import.meta.dirname, '../..')

export const readRepositoryFile = (path: string): string => readFileSync(resolve(repository, path), 'utf8')

/**
 * docker-compose.yml as docker reads it with these variables: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${NAME:+instead}`.
 * @throws the message of a required variable that is missing
 */
export function readCompose(variables: Record<string, string>): { services: Record<string, ComposeService> } {
  const text = readRepositoryFile('docker-compose.yml').replaceAll(
    /\$\{(\w+)(?::([-?+])([^}]*))?\}/g,
    (_, name: string, kind?: string, rest = '') => {
      const value = variables[name]
      if (kind === '+') return value ? rest : "''"
      if (value) return value
      if (kind === '?') throw new Error(rest)
      return kind === '-' ? rest : ''
    },
  )
  return parse(text, { merge: true }) as { services: Record<string, ComposeService> }
}

export const SECRETS = {
  POSTGRES_PASSWORD: 'db-secret',
  SHOP_DB_PASSWORD: 'shop-secret',
  BACKUP_KEY: 'BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  REDIS_PASSWORD: 'redis-secret',
  ENCRYPTION_KEY: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
}

/** Every variable that the settings look at. The list is learnt by watching `readConfig` read. */
export function settingNames(): Set<string> {
  const names = new Set<string>()
  const folder = mkdtempSync(join(tmpdir(), 'telekassa-settings-'))
  // Key and token come from files, so that both names of each variable are read. Without the key one would be made in the
  // data folder, and without a token the name and the admins of the bot are not looked at.
  const values = { ENCRYPTION_KEY_FILE: join(folder, 'key'), BOT_TOKEN_FILE: join(folder, 'token') }
  writeFileSync(values.ENCRYPTION_KEY_FILE, SECRETS.ENCRYPTION_KEY)
  writeFileSync(values.BOT_TOKEN_FILE, `1:${'A'.repeat(35)}`)
  const environment = new Proxy<Record<string, string>>(values, {
    get(target, name) {
      names.add(String(name))
      return target[String(name)]
    },
  })
  readConfig(environment)
  rmSync(folder, { recursive: true })
  return names
}
