import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Is a program on PATH, and where? */
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

/** Tests that need Redis: `describe.skipIf(!redisAvailable())`. */
export function redisAvailable(): boolean {
  const server = onPath('redis-server') ?? onPath('valkey-server')
  if (!server) return false
  const [, major, minor] =
    /v=(\d+)\.(\d+)/.exec(execFileSync(server, ['--version'], { encoding: 'utf8' })) ?? []
  return Number(major) * 100 + Number(minor) >= 602
}

/** PostgreSQL's own pg_dump, of this version or a newer one. */
export function hasClient(version: number): boolean {
  if (!onPath('pg_dump')) return false
  const [, major] =
    /\(PostgreSQL\) (\d+)/.exec(execFileSync('pg_dump', ['--version'], { encoding: 'utf8' })) ?? []
  return Number(major) >= version
}

/** Tests that drive a browser: `describe.skipIf(!chromiumPath())`. */
export function chromiumPath(): string | undefined {
  return (
    onPath('chromium') ??
    onPath('chromium-browser') ??
    onPath('google-chrome-stable') ??
    onPath('google-chrome')
  )
}

/** What this machine lacks, each with the tests that are left out because of it. */
export function missingRequirements(): string[] {
  const missing: string[] = []
  if (!redisAvailable()) missing.push('everything on Redis (no redis-server or valkey-server >= 6.2 on PATH)')
  if (!chromiumPath()) missing.push('pages in a browser (no chromium or google-chrome on PATH)')
  if (!onPath('promtool')) missing.push('the rules of Prometheus (no promtool on PATH)')
  if (!onPath('pgbouncer')) missing.push('a pooler before PostgreSQL (no pgbouncer on PATH)')
  return missing
}
