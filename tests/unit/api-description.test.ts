import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiRoutes } from '#shop/balance-api/door.ts'
import { describeApi } from '#shop/balance-api/describe.ts'

const REDOCLY = join(
  dirname(createRequire(import.meta.url).resolve('@redocly/cli/package.json')),
  'bin/cli.js',
)

/** The text that the gateway serves, which public tools read. */
const text = JSON.stringify(describeApi(apiRoutes, 'https://shop.telekassa.test'))
/** The same text with a reference that leads nowhere, in zod's form. */
const broken = text.replace('"#/components/schemas/Json"', '"#/$defs/__schema0"')

describe('the description of the Balance API is read by public tools', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telekassa-openapi-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function redocly(description: string): Promise<{ ruleId: string; message: string }[]> {
    const file = join(folder, 'openapi.json')
    await writeFile(file, description)
    const run = promisify(execFile)(process.execPath, [REDOCLY, 'lint', file, '--format=json'], {
      cwd: folder,
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    })
    const { stdout } = await run.catch((error: unknown) => error as { stdout: string })
    return (JSON.parse(stdout.slice(stdout.indexOf('{'))) as { problems: never[] }).problems
  }

  test('every reference leads somewhere', () => {
    const root = JSON.parse(text) as Record<string, unknown>
    const refs = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1]!)
    expect(refs.length).toBeGreaterThan(18)
    const lost = refs.filter(
      (path) =>
        path.split('/').reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], root) ===
        undefined,
    )
    expect(lost).toEqual([])
  })

  test('@redocly/cli finds nothing to say, and sees a reference that leads nowhere', async () => {
    expect(await redocly(text)).toEqual([])
    expect((await redocly(broken)).map(({ ruleId }) => ruleId)).toContain('no-unresolved-refs')
  })

  test('@seriousme/openapi-schema-validator takes it, and refuses it when its licence has no name', async () => {
    const check = async (description: string) =>
      (await new Validator().validate(JSON.parse(description))).valid
    expect(await check(text)).toBe(true)
    expect(await check(text.replace('"name":"MIT"', '"name":1'))).toBe(false)
  })
})
