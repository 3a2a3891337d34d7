import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from '../lib/compose.ts'
import { pathWith } from '../lib/infra.ts'
import { startNode } from '../lib/processes.ts'
import type { TestProcess } from '../lib/processes.ts'

/** Runs one file of the suite as on a machine that has neither Redis nor a browser nor promtool. */
async function runBare(ci: string | undefined): Promise<TestProcess> {
  const vitest = resolve(repository, 'node_modules/vitest/vitest.mjs')
  const env = { PATH: await pathWith({}), CI: ci, VITEST: undefined, VITEST_POOL_ID: undefined }
  const run = startNode(
    vitest,
    ['run', 'tests/unit/measured.test.ts', 'tests/integration/queue-runnable.test.ts'],
    {
      cwd: repository,
      env,
    },
  )
  await run.ended
  return run
}

test('what a machine lacks is left out by name, and the rest passes', async () => {
  const run = await runBare(undefined)
  const text = run.lines.join('\n')
  expect(await run.ended, text).toBe(0)
  expect(text).toMatch(/LEFT OUT: everything on Redis/)
  expect(text).toMatch(/LEFT OUT: pages in a browser/)
  expect(text).toMatch(/LEFT OUT: the rules of Prometheus/)
  expect(text).toMatch(/queue-runnable\.test\.ts.*[1-9]\d* skipped/)
})

test('with CI=true leaving anything out is a failure that names it', async () => {
  const run = await runBare('true')
  expect(await run.ended).toBe(1)
  expect(run.lines.join('\n')).toMatch(/CI=true.*everything on Redis/)
})
