import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readFileSync } from 'node:fs'
import { parseAst } from 'vite'
import { acts } from '#shop/acts.ts'
import { apiActs } from '#shop/balance-api/acts.ts'
import { apiRoutes } from '#shop/balance-api/door.ts'
import { operatorsOf, toldOf } from '#shared/notices.ts'
import { jobActs } from '#shop/job-acts.ts'
import { catalogue } from '#shop/jobs.ts'
import { features } from '#shop/screens.ts'
import { panelRoutes } from '#shop/web/panel/routes.ts'
import { sources } from '../lib/sources.ts'
import { nameOf, visit } from '../lib/syntax.ts'
import type { Node, Whole } from '../lib/syntax.ts'

const routes = new Set(
  features.flatMap(({ adminCommands, adminButtons, adminInputs }) =>
    [adminCommands, adminButtons, adminInputs].flatMap((table) => Object.keys(table ?? {})),
  ),
)

describe('F83 whose things an act of an admin is about', () => {
  test('every command, button and typed text of admins has a line in the table, and every line one of them', () => {
    expect(routes.size).toBeGreaterThan(120)
    expect(Object.keys(acts).toSorted()).toEqual([...routes].toSorted())
  })

  test('what asks for a role is among them', () => {
    const named = features.flatMap(({ minimumRole }) => Object.keys(minimumRole ?? {}))
    expect(named.filter((name) => !(name in acts))).toEqual([])
  })
})

describe('F83 what a request of the panel is about', () => {
  const roles = Object.assign({}, ...features.map(({ minimumRole }) => minimumRole)) as Record<string, string>

  test('each is an act of the bot’s admin screens, of the same reach and for the same role', () => {
    expect(panelRoutes.length).toBeGreaterThan(4)
    for (const { path, as, minimum } of panelRoutes) {
      expect([path, as in acts]).toEqual([path, true])
      expect([path, minimum]).toEqual([path, roles[as] ?? 'admin'])
      // Whose thing an act is about is found by the id in the path, so a path has an id where the act is about a
      // thing of somebody's.
      expect([path, typeof acts[as] === 'object']).toEqual([path, path.includes('/:id')])
    }
  })
})

describe('F83 what a call of the Balance API is about', () => {
  test('every call has a line in the table, and every line a call', () => {
    expect(Object.keys(apiActs).toSorted()).toEqual(apiRoutes.map(({ name }) => name).toSorted())
  })

  test('a call that only shows asks for no scope that writes, and one that changes for one that does', () => {
    for (const { name, method, scope, path } of apiRoutes) {
      const act = apiActs[name]
      if (act === 'read') expect([name, method, scope]).toEqual([name, 'GET', 'read'])
      if (act === 'change') expect([name, method !== 'GET', scope]).toEqual([name, true, 'write'])
      expect([name, act === 'own' || path.includes('{')]).toEqual([name, true])
    }
  })
})

test('F83 an alert about somebody’s order or payment is for its bot and the deployment’s first, and for no other owner', () => {
  const bots = new Map(['main', 'second', 'third'].map((name) => [name, { name }]))
  const told = (bot: string, of = bots) => toldOf(of, bot).map(({ name }) => name)
  expect(told('second')).toEqual(['second', 'main'])
  expect(told('main')).toEqual(['main'])
  expect(told('of another deployment')).toEqual(['of another deployment', 'main'])
  expect(told('second', new Map())).toEqual(['second'])
  expect(operatorsOf(bots)).toEqual([{ name: 'main' }])
  expect(operatorsOf(new Map())).toEqual([])
})

test('F83 what is told to the admins of every bot is about what all of them share; the rest has an owner', () => {
  const calls = sources('src/**/*.ts').flatMap(({ path, text }) => {
    const found: { to: string; text: string }[] = []
    visit(parseAst(text, { lang: 'ts' }, path), (node) => {
      const call = node as Whole
      if (call.type !== 'CallExpression' || nameOf(call.callee) !== 'oweAdminAlert') return
      const written = ({ start, end }: Node) => text.slice(start, end).replaceAll(/\s+/g, ' ')
      const [, to, alert] = call.arguments!
      found.push({ to: written(to!), text: /text: ['`]([a-z-]+)/.exec(written(alert!))?.[1] ?? path })
    })
    return found
  })
  expect(calls.length).toBeGreaterThan(25)
  /** The bot of the thing, with the deployment's first one or alone. */
  const ITS_OWN =
    /^(?:\w+ \? )?(?:toldOf|operatorsOf)\([^:]*\)(?: : operatorsOf\([\w.]+\))?$|^\[(?:\w+\.bot|\{ name: [\w.]+ \})\]$/
  const others = calls.filter(({ to }) => !ITS_OWN.test(to)).map(({ to, text }) => `${text}: ${to}`)
  expect(others.toSorted()).toEqual(
    [
      'alert-audit-log: app.bots.values()',
      // The bots that somebody who got out more than they put in has opened.
      "alert-gains: bots.split(' ').map((name) => ({ name }))",
      'alert-ledger: app.bots.values()',
      'alert-minted: app.bots.values()',
      // Another admin of all bots has to say yes.
      'alert-decision-minted: policy.allBots',
      // Those who hear that a token is refused: the bot itself cannot tell its admins.
      'alert-bot-parked: others',
      // The bots that were touched by the act of another owner's admin.
      'alert-shared: others.map((name) => ({ name }))',
      // The bots that sell the item.
      'src/shop/shelf/worker/low.ts: about',
      // Alerts about the sale of Stars and Premium in all bots: that it stopped, that it goes on, or that a price or
      // a sum keeps it.
      'fragment-alert-: app.bots.values()',
      'fragment-alert-: context.bots.values()',
      'fragment-resumed: context.bots.values()',
    ].toSorted(),
  )
})

describe('F79 what a job says by itself', () => {
  const fieldsOf = (payload: z.ZodType): string[] =>
    Object.keys(
      (z.toJSONSchema(payload, { unrepresentable: 'any', io: 'input' }) as { properties?: object })
        .properties ?? {},
    )

  test('every kind of job has a line in the table, and every line a kind', () => {
    expect(Object.keys(jobActs).toSorted()).toEqual([...catalogue.keys()].toSorted())
  })

  test('a tick says only that it is time, and no other job counts as one', () => {
    for (const [name, { everyMs, payload }] of catalogue) {
      expect([name, everyMs !== undefined]).toEqual([name, jobActs[name] === 'tick'])
      if (everyMs !== undefined) expect([name, fieldsOf(payload)]).toEqual([name, ['at']])
    }
  })

  test('a job about a row names it and says nothing of whose money, how much or what anybody is told', () => {
    const says = /amount|sum|price|stars|asset|money|credit|balance|person|text|body|params|charge/i
    const rows = [...catalogue].filter(([name]) => jobActs[name] === 'row')
    expect(rows.length).toBeGreaterThan(20)
    for (const [name, { payload }] of rows) {
      const fields = fieldsOf(payload)
      expect([name, fields.length > 0]).toEqual([name, true])
      expect([name, fields.filter((field) => says.test(field))]).toEqual([name, []])
    }
  })

  test('a job that says by itself what happened, or what somebody is told, bears a seal or is asked about at its source', () => {
    const asked = ['fragment.callback']
    for (const [name, { sealed }] of catalogue) {
      const says = jobActs[name] === 'words' || typeof jobActs[name] === 'object'
      expect([name, sealed === true]).toEqual([name, says && !asked.includes(name)])
    }
    const [, told = ''] = /- Some jobs say by themselves([\s\S]*?)Our\s+processes\s+seal/.exec(
      readFileSync('docs/security.md', 'utf8'),
    )!
    const sealed = [...catalogue.values()].filter((job) => job.sealed).map(({ name }) => name)
    expect([...told.matchAll(/`([\w.]+)`/g)].map(([, name]) => name!).toSorted()).toEqual(sealed.toSorted())
  })

  test('a job with news from a door names the fault whose tests handle such news when it is false', () => {
    const report = readFileSync('docs/fault-report.md', 'utf8')
    for (const act of Object.values(jobActs))
      if (typeof act === 'object')
        expect(report).toMatch(new RegExp(`^\\| ${act.news} \\|.*\\| \`[a-z]`, 'm'))
  })
})
