import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The path of a program on PATH, or undefined. */
export function onPath(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return join(folder, name)
    } catch {
      continue
    }
  }
  return undefined
}

/** Whether tests that need Redis can run: `describe.skipIf(!redisAvailable())`. */
export function redisAvailable(): boolean {
  const server = onPath('redis-server') ?? onPath('valkey-server')
  if (!server) return false
  const [, major, minor] =
    /v=(\d+)\.(\d+)/.exec(execFileSync(server, ['--version'], { encoding: 'utf8' })) ?? []
  return Number(major) * 100 + Number(minor) >= 602
}

/** Whether PostgreSQL's own pg_dump is there, in this version or a newer one. */
export function hasClient(version: number): boolean {
  if (!onPath('pg_dump')) return false
  const [, major] =
    /\(PostgreSQL\) (\d+)/.exec(execFileSync('pg_dump', ['--version'], { encoding: 'utf8' })) ?? []
  return Number(major) >= version
}

/** The browser for tests that drive one: `describe.skipIf(!chromiumPath())`. */
export function chromiumPath(): string | undefined {
  return (
    onPath('chromium') ??
    onPath('chromium-browser') ??
    onPath('google-chrome-stable') ??
    onPath('google-chrome')
  )
}

/** What this machine lacks, with the tests that are left out because of it. */
export function missingRequirements(): string[] {
  const missing: string[] = []
  if (!redisAvailable()) missing.push('everything on Redis (no redis-server or valkey-server >= 6.2 on PATH)')
  if (!chromiumPath()) missing.push('pages in a browser (no chromium or google-chrome on PATH)')
  if (!onPath('promtool')) missing.push('the rules of Prometheus (no promtool on PATH)')
  if (!onPath('pgbouncer')) missing.push('a pooler before PostgreSQL (no pgbouncer on PATH)')
  return missing
}
