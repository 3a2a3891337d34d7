import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../lib/eventually.ts'
import { processesIn } from '../lib/infra.ts'
import { reservePort } from '../lib/port.ts'
import { startProcess } from '../lib/processes.ts'
import type { TestProcess } from '../lib/processes.ts'
import { chromiumPath, onPath } from '../lib/requirements.ts'

const REPOSITORY = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync'
/** As long as eventually() waits, because the browser's own limits are shorter. */
const PATIENCE_MS = 120_000

// What the README promises somebody who has never seen the project: clone, two commands, a page, a purchase.
describe.skipIf(!chromiumPath())('a newcomer in a fresh clone', () => {
  let clone: string
  let shop: TestProcess
  let page: string
  let browser: Browser

  beforeAll(async () => {
    clone = await mkdtemp(join(tmpdir(), 'telekassa-clone-'))
    // The asynchronous form is used, because vitest takes a process that answers nobody for a minute as failed.
    await run('git', ['clone', '--quiet', REPOSITORY, clone])
    // `npm ci` has just been run for these tests, and 40 s of processor time are too dear to prove it a second time:
    // the clone takes its packages over and does what `npm ci` does after it has unpacked them.
    await symlink(join(REPOSITORY, 'node_modules'), join(clone, 'node_modules'))
    // The npm on PATH is used, not the Node that runs the tests, because a newcomer has whatever came with their
    // machine.
    await run(onPath('npm')!, ['run', 'prepare'], { cwd: clone })
    shop = await startShop()
    browser = await chromium.launch({
      executablePath: chromiumPath()!,
      args: FLAGS.split(' '),
      timeout: PATIENCE_MS,
    })
  })

  afterAll(async () => {
    await browser?.close()
    await shop?.kill('SIGTERM')
    await rm(clone, { recursive: true, force: true })
  })

  async function startShop(): Promise<TestProcess> {
    const clean = {
      BOT_TOKEN: '',
      BOTS: '',
      DATABASE_URL: '',
      REDIS_URL: '',
      DATA_DIR: '',
      HOST: '',
      PORT: '0',
    }
    const started = startProcess([onPath('npm')!, 'start'], {
      cwd: clone,
      env: { ...clean, PORT: String(await reservePort()) },
    })
    const line = await started.waitFor(/telekassa is ready: open http/)
    page = /http:\S+\/sandbox/.exec(line)![0]
    return started
  }

  /** A chat begins with Start until something was said in it; after a restart that may be news of a new level. */
  async function begin(tab: Page): Promise<void> {
    const start = tab.getByRole('button', { name: /^start$/i }).first()
    const field = tab.getByRole('textbox', { name: 'Message' })
    await start.or(field).first().waitFor()
    if (await start.isVisible()) return await start.click()
    await field.fill('/menu')
    await field.press('Enter')
  }

  test('buys tokens with play Stars on the page that npm start names, and still has them after a restart', async () => {
    const tab = await (await browser.newContext({ locale: 'en-GB' })).newPage()
    tab.setDefaultTimeout(PATIENCE_MS)
    await tab.goto(page)
    await tab
      .getByRole('button', { name: /^start$/i })
      .first()
      .click()
    await tab.getByRole('button', { name: 'Buy tokens' }).first().click()
    await tab
      .getByRole('button', { name: /10 tokens/ })
      .first()
      .click()
    await tab
      .getByText(/^Pay 50/)
      .first()
      .click()
    await tab.getByRole('button', { name: 'Pay 50 Stars' }).click()
    await tab.getByText('10 tokens credited').waitFor()
    await tab.close()

    await shop.kill('SIGTERM')
    expect(await shop.ended, shop.lines.slice(-5).join('\n')).toBe(0)
    expect(processesIn(clone)).toEqual([])
    // Play money is in a folder that no real shop opens.
    expect(existsSync(join(clone, '.data', 'sandbox', 'postgres'))).toBe(true)
    expect(existsSync(join(clone, '.data', 'postgres'))).toBe(false)

    shop = await startShop()
    const again = await (await browser.newContext({ locale: 'en-GB' })).newPage()
    again.setDefaultTimeout(PATIENCE_MS)
    await again.goto(page)
    await begin(again)
    await again
      .getByText(/Balance: 10/)
      .first()
      .waitFor()
    await again.close()
  })

  test('opens the shop over the chat as a Mini App and pays there, and the page and the chat both have the tokens', async () => {
    const tab = await (await browser.newContext({ locale: 'en-GB' })).newPage()
    tab.setDefaultTimeout(PATIENCE_MS)
    const complaints: string[] = []
    tab.on('pageerror', (error) => complaints.push(String(error)))
    await tab.goto(page)
    await begin(tab)
    // There are two such keys: the one beside the field and the one below the menu.
    await tab.getByRole('button', { name: 'Магазин', exact: true }).first().waitFor()
    await tab.getByRole('button', { name: 'Open the shop' }).first().click()
    const shopPage = tab.frameLocator('iframe.mini-app')
    const back = tab.getByRole('button', { name: '‹ Back' })
    await shopPage.getByRole('button', { name: 'History' }).waitFor()
    expect(await back.isVisible()).toBe(false)
    const { y, height } = (await tab.locator('iframe.mini-app').boundingBox())!
    expect(y + height).toBeLessThanOrEqual(tab.viewportSize()!.height)
    await shopPage.getByRole('button', { name: /5.tokens/ }).click()
    await tab.getByRole('button', { name: 'Pay 25 Stars' }).click()
    await shopPage.locator('[data-balance="TOK"]', { hasText: '15' }).waitFor()
    await tab.getByText('5 tokens credited').first().waitFor()
    expect(complaints).toEqual([])
    await tab.close()
  })

  test('leaves no process behind when it is killed, and starts again over what is left', async () => {
    const [tree] = [shop.pid]
    process.kill(childOf(tree!), 'SIGKILL')
    await eventually(() => processesIn(join(clone, '.data')).length === 0)
    await shop.ended
    shop = await startShop()
  })
})

/** npm runs the script through a shell that execs node: the child of npm is the shop. */
function childOf(pid: number): number {
  return Number(
    execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')[0],
  )
}
