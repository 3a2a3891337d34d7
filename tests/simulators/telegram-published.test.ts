import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { reservePort } from '../lib/port.ts'
import { onPath } from '../lib/requirements.ts'

const README = readFileSync('packages/telegram-sandbox/README.md', 'utf8')

/** The blocks of code below the recipe with this number, as a reader copies them. */
function recipe(number: number): string {
  const [, text = ''] = README.split(`**${number}. `)
  return /```(?:ts|sh)\n([\s\S]*?)```/.exec(text)![1]!
}

/** What people have who install the package: a folder with the package and a library for bots. */
describe('the package as it is published', () => {
  let folder: string
  // The tools of npm start Node by its name, so Node must be on PATH.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}` }
  const run = (file: string, ...args: string[]) =>
    execFileSync(file, args, {
      cwd: folder,
      env,
      encoding: 'utf8',
      timeout: 60_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const runProgram = (code: string) => {
    const file = join(folder, `program-${Math.random()}.mjs`)
    writeFileSync(file, code)
    return run(process.execPath, file)
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'telegram-sandbox-'))
    const dist = join(folder, 'dist')
    execFileSync(process.execPath, [resolve('packages/telegram-sandbox/build.ts'), dist], { stdio: 'pipe' })
    const [packed = ''] = run('npm', 'pack', dist).trim().split('\n').slice(-1)
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
    run('npm', 'install', '--offline', '--no-audit', '--no-fund', `./${packed}`)
    symlinkSync(resolve('node_modules/grammy'), join(folder, 'node_modules/grammy'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('is installed into an empty folder without anything else, and has its types beside it', () => {
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as { packages: object }
    expect(Object.keys(lock.packages)).toEqual(['', 'node_modules/@telekassa/telegram-sandbox'])
    const types = readFileSync(join(folder, 'node_modules/@telekassa/telegram-sandbox/index.d.ts'), 'utf8')
    expect(types).toContain('openSandbox')
    expect(run('npx', '--no-install', 'telegram-sandbox', '--help')).toContain('[--port 8081]')
  })

  test('recipe 1: a test with a bot that sells, here of node:test', () => {
    // Vitest's `expect` runs within vitest only, so Node's own assertions take its place.
    const around = `
      import assert from 'node:assert'
      import test from 'node:test'
      const expect = (is) => ({
        toMatchObject: (part) => assert.partialDeepStrictEqual(is, part),
        toBe: (one) => assert.equal(is, one),
      })
      function startMyBot(bot) {
        const inline_keyboard = [[{ text: 'Buy', callback_data: 'buy' }]]
        const price = [{ label: 'Book', amount: 5 }]
        bot.command('start', (ctx) => ctx.reply('Welcome', { reply_markup: { inline_keyboard } }))
        bot.callbackQuery('buy', async (ctx) => {
          await ctx.answerCallbackQuery()
          await ctx.replyWithInvoice('Book', 'Paper', 'book', 'XTR', price)
        })
        bot.on('pre_checkout_query', (ctx) => ctx.answerPreCheckoutQuery(true))
        bot.on('message:successful_payment', (ctx) => ctx.reply('Thank you, ' + ctx.from.first_name))
        void bot.start()
        test.after(() => bot.stop().catch(() => {}))
        return bot
      }`
    expect(recipe(1)).toContain("anna.presses('Buy')")
    expect(runProgram(`${around}\n${recipe(1)}`)).toMatch(/\bpass 1$/m)
  })

  test.skipIf(!onPath('curl') || !onPath('sh'))('recipe 2: npx, and a person who acts by curl', async () => {
    const port = String(await reservePort())
    const child = spawn('npx', ['--no-install', 'telegram-sandbox', '--port', port], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    onTestFinished(() => void process.kill(-child.pid!, 'SIGKILL'))
    const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    expect(url).toBe(`http://127.0.0.1:${port}`)
    expect(await (await fetch(`${url}/bot42:anything/getMe`)).json()).toMatchObject({ ok: true })
    const said = run('sh', '-ec', recipe(2).replaceAll('8081', port))
    expect(said).toMatch(/"text":"\/start"/)
    expect(await (await fetch(`${url}/bot42:anything/getUpdates`)).json()).toMatchObject({
      result: [{ message: { text: '/start', from: { first_name: 'Anna' } } }],
    })
  })

  const withSandbox = (code: string, options = '') =>
    JSON.parse(
      runProgram(`
        import { openSandbox } from '@telekassa/telegram-sandbox'
        import { Api } from 'grammy'
        ${options}
        const api = new Api(sandbox.token, { apiRoot: sandbox.url })
        const anna = sandbox.person(1)
        await anna.says('one')
        ${code}
        await sandbox.close()`),
    ) as unknown

  test('recipe 3: an answer is lost after the message was sent, and the third update comes twice', () => {
    const code = `
      ${recipe(3)}
      const answer = await api.sendMessage(1, 'sent').then(() => 'answered', () => 'no answer')
      const there = (await anna.messages()).some(({ text }) => text === 'sent')
      for (const text of ['two', 'three', 'four']) await anna.says(text)
      const texts = (await api.getUpdates()).map(({ message }) => message.text)
      console.log(JSON.stringify([answer, there, texts]))`
    expect(withSandbox(code, 'const sandbox = await openSandbox()')).toEqual([
      'no answer',
      true,
      ['one', 'two', 'three', 'four', 'four'],
    ])
  })

  test('recipe 4: a month passes', () => {
    const code = `
      const { message_id: id } = await api.sendMessage(1, 'old')
      ${recipe(4)}
      console.log(JSON.stringify(await api.deleteMessage(1, id).catch(({ description }) => description)))`
    expect(withSandbox(code, 'const sandbox = await openSandbox()')).toBe(
      "Bad Request: message can't be deleted for everyone",
    )
  })

  test('recipe 5: who sends too fast is told to wait', () => {
    const code = `
      const sent = await Promise.allSettled(Array.from({ length: 7 }, (_, n) => api.sendMessage(1, String(n))))
      console.log(JSON.stringify(sent.map(({ reason }) => reason?.error_code ?? 200)))`
    expect(withSandbox(code, recipe(5))).toEqual([200, 200, 200, 200, 200, 429, 429])
  })
})
