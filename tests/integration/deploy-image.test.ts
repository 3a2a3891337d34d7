import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, matchesGlob, resolve } from 'node:path'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { SECRETS, readCompose, readRepositoryFile, repository } from '../lib/compose.ts'
import { startNode } from '../lib/processes.ts'
import { startPrivateRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const dockerfile = readRepositoryFile('Dockerfile')
const copied = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap((match) => match[1]!.split(' '))

test('the image has the Node version that the lock file has', () => {
  const lock = JSON.parse(readRepositoryFile('package-lock.json')) as {
    packages: Record<string, { version: string }>
  }
  const tag = /NODE_IMAGE=node:(\S+)-bookworm-slim/.exec(dockerfile)![1]
  expect(tag).toBe(lock.packages['node_modules/node']!.version)
})

test('what the image copies exists, and .dockerignore lets it through and no secrets', () => {
  const patterns = readRepositoryFile('.dockerignore').split('\n')
  for (const path of copied) {
    expect(existsSync(resolve(repository, path)), path).toBe(true)
    expect(patterns).toContain(`!${path}`)
  }
  expect(patterns.find((line) => line && !line.startsWith('#'))).toBe('*')
  expect(patterns).toContain('**/.env*')
})

test('the code in the image imports nothing that only the tests install, and no folder that stays outside', () => {
  const { dependencies } = JSON.parse(readRepositoryFile('package.json')) as {
    dependencies: Record<string, string>
  }
  const folders = copied.filter((path) => !path.includes('.') && path !== 'LICENSE')
  for (const folder of folders) {
    for (const file of readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })) {
      if (!matchesGlob(file, '**/*.ts')) continue
      const source = readFileSync(join(repository, folder, file), 'utf8')
      for (const [, from] of source.matchAll(
        /^(?:import|export) (?!type\b)(?:[^'"`=(;]*? from )?'([^']+)'/gm,
      )) {
        const where = `${folder}/${file} imports ${from}`
        if (from!.startsWith('node:')) continue
        if (/^[.#]/.test(from!)) {
          const target = from!.startsWith('#')
            ? resolve(repository, from!.replace('#', 'src/'))
            : resolve(repository, folder, file, '..', from!)
          expect(existsSync(target), where).toBe(true)
          expect(
            folders.some((one) => target.startsWith(join(repository, one) + '/')),
            where,
          ).toBe(true)
        } else {
          const name = from!.startsWith('@') ? from!.split('/').slice(0, 2).join('/') : from!.split('/')[0]!
          expect(Object.keys(dependencies), where).toContain(name)
        }
      }
    }
  }
})

describe('the health check of a container', () => {
  async function check(status: number | undefined, variable: string): Promise<number | NodeJS.Signals> {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/healthz' ? status! : 404
      response.end('{}')
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    if (status === undefined) server.close()
    const env = { PORT: undefined, HEALTH_PORT: undefined, [variable]: String(port) }
    const result = await startNode(resolve(repository, 'bin/healthcheck.ts'), [], { env }).ended
    server.close()
    return result
  }

  test('passes while the process makes progress, on the gateway as on a worker', async () => {
    expect(await check(200, 'PORT')).toBe(0)
    expect(await check(200, 'HEALTH_PORT')).toBe(0)
  })

  test('fails when the process says so and when it says nothing', async () => {
    expect(await check(503, 'HEALTH_PORT')).toBe(1)
    expect(await check(undefined, 'PORT')).toBe(1)
  })
})

describe.skipIf(!redisAvailable())('the Redis of docker-compose.yml', () => {
  test('takes its own flags: password, append-only file, nothing evicted', async () => {
    const [program, ...flags] = readCompose(SECRETS).services['redis']!.command!
    expect(program).toBe('redis-server')
    const server = await startPrivateRedis(flags)
    const redis = new Redis(server.url, { password: SECRETS.REDIS_PASSWORD })
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
    expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes'])
    expect(await redis.config('GET', 'appendfsync')).toEqual(['appendfsync', 'always'])
    expect(await redis.config('GET', 'maxmemory')).toEqual(['maxmemory', String(300 * 1024 * 1024)])
    await redis.quit()
    await server.stop()
  })
})
