import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createMetrics } from '#shared/metrics.ts'
import { queueNames } from '#shared/queue/queues.ts'
import { readCompose, SECRETS, readRepositoryFile, repository } from '../lib/compose.ts'
import { tempFolder } from '../lib/infra.ts'
import { onPath } from '../lib/requirements.ts'
import { sources } from '../lib/sources.ts'

interface Rule {
  alert: string
  expr: string
  annotations: { runbook: string }
}
interface Panel {
  title: string
  type: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets?: { expr: string }[]
}

const { groups } = parse(readRepositoryFile('deploy/monitoring/alerts.yml')) as {
  groups: { rules: Rule[] }[]
}
const rules = groups.flatMap((group) => group.rules)
const dashboard = JSON.parse(readRepositoryFile('deploy/monitoring/grafana/dashboards/telekassa.json')) as {
  panels: Panel[]
}
const panels = dashboard.panels.filter((panel) => panel.type !== 'row')
const { registry } = createMetrics()
const exported = await registry.getMetricsAsJSON()
const labelsOf = (name: string) =>
  (registry.getSingleMetric(name) as unknown as { labelNames: string[] } | undefined)?.labelNames ?? []

/** The names of the series that a query reads. The series of a histogram end in _bucket, _sum or _count. */
function seriesOf(query: string): string[] {
  return query.match(/\b(telekassa|process|nodejs)_\w+/g) ?? []
}

/** A histogram is exported as three series. */
const known = exported.flatMap(({ name, type }) =>
  String(type) === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
)

test('every alert and every panel reads figures that this release exports', () => {
  const queries = [
    ...rules.map((rule) => rule.expr),
    ...panels.flatMap((panel) => panel.targets!.map((t) => t.expr)),
  ]
  expect(queries.length).toBeGreaterThan(40)
  for (const query of queries) {
    for (const name of seriesOf(query)) expect(known, query).toContain(name)
  }
})

test('alerts and panels name queues that exist', () => {
  const text = rules.map((rule) => rule.expr).join('\n') + JSON.stringify(panels)
  const named = [...text.matchAll(/queue[!=]~?\\?"([^"\\]+)/g)].flatMap(([, names]) => names!.split('|'))
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((name) => !queueNames.some((queue) => queue === name))).toEqual([])
})

test('documents and the sandbox’s page name figures that are exported', () => {
  const files = sources('*.md', '{docs,deploy,sandbox}/**/*.md', 'sandbox/chat/**/*.{js,ts}')
  const named = files.flatMap(({ path, text }) => seriesOf(text).map((name) => ({ path, name })))
  expect(named.length).toBeGreaterThan(50)
  // A database and a role of PostgreSQL are called like figures, and histograms are also named as a whole.
  const others = ['telekassa_before', 'telekassa_shop', ...exported.map(({ name }) => name)]
  expect(named.filter(({ name }) => ![...known, ...others].includes(name))).toEqual([])
})

test('docs/metrics.md lists the queues, their states and the stages of what is stuck, with the minutes of each', () => {
  const [, values = ''] = readRepositoryFile('docs/metrics.md').split('\n## Values of labels\n')
  const line = (beginning: string) => values.split('\n- ').find((one) => one.startsWith(beginning))!
  const [, queues = ''] = /: ([^;]*)/.exec(line('`queue`'))!
  expect(queues.split(', ').toSorted()).toEqual(queueNames.toSorted())
  const [, states = ''] = /const JOB_STATES = \[(.*)\]/.exec(
    readRepositoryFile('src/shared/queue/states.ts'),
  )!
  const counted = [...states.matchAll(/'(\w+)'/g)].map(([, state]) => state!)
  expect(counted.length).toBeGreaterThan(4)
  const told = line('`state` of `queue_jobs`')
  expect([...counted, 'due'].filter((state) => !new RegExp(`\\b${state}\\b`).test(told))).toEqual([])
  const stages = readRepositoryFile('src/workers/upkeep/vitals.ts').matchAll(
    /stage: '(\w+)', minutes: (\d+)/g,
  )
  const stuck = [...stages].map(([, stage, minutes]) => ({ stage: stage!, minutes: minutes! }))
  expect(stuck.length).toBeGreaterThan(3)
  // `reserved (5 minutes), fulfilling and unknown (15)`: the number behind the stage is the next one.
  const next = (stage: string) => new RegExp(`\\b${stage}\\b\\D*(\\d+)`).exec(line('`stage` of'))?.[1]
  expect(stuck.filter(({ stage, minutes }) => next(stage) !== minutes)).toEqual([])
})

test('docs/metrics.md lists exactly the figures that are exported, with their labels and their help', () => {
  const rows = [
    ...readRepositoryFile('docs/metrics.md').matchAll(/^\| `(\w+)`\s*\| (\w+)\s*\|(.*?)\| (.*?)\s*\|$/gm),
  ]
  const listed = rows.map(([, name, type, labels, help]) =>
    [name, type, ...[...labels!.matchAll(/`(\w+)`/g)].map((match) => match[1]), help].join(' '),
  )
  const real = exported
    .filter(({ name }) => name.startsWith('telekassa_'))
    .map(({ name, type, help }) => [name, String(type), ...labelsOf(name), help].join(' '))
  expect(listed.toSorted()).toEqual(real.toSorted())
})

test('alerts, panels and autoscaling ask for labels that the figures have', () => {
  const queries = [
    ...rules.map((rule) => rule.expr),
    ...panels.flatMap((panel) => panel.targets!.map((t) => t.expr)),
    ...[
      ...readRepositoryFile('deploy/k8s/components/keda/workers.yaml').matchAll(/telekassa_\w+\{[^}]*\}/g),
    ].map(String),
  ]
  const asked = queries.flatMap((query) => [...query.matchAll(/(telekassa_\w+)\{([^}]*)\}/g)])
  expect(asked.length).toBeGreaterThan(20)
  for (const [query, name, matchers] of asked) {
    const own = [...labelsOf(name!.replace(/_(bucket|sum|count)$/, '')), 'le', 'job', 'instance', 'role']
    for (const [, label] of matchers!.matchAll(/(\w+)\s*[=!]~?"/g)) expect(own, query).toContain(label)
  }
})

test('every alert has its paragraph in the runbook, and tests that it fires and that it stays quiet', () => {
  const headings = [...readRepositoryFile('docs/runbook.md').matchAll(/^## (\w+)/gm)].map(
    (match) => match[1]!,
  )
  const anchors = headings.map((heading) => `docs/runbook.md#${heading.toLowerCase()}`)
  const { tests } = parse(readRepositoryFile('deploy/monitoring/alerts.test.yml')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[]
  }
  const cases = tests.flatMap((one) => one.alert_rule_test)
  for (const rule of rules) {
    expect(anchors).toContain(rule.annotations.runbook)
    const own = cases.filter((one) => one.alertname === rule.alert)
    expect(
      own.some((one) => one.exp_alerts),
      `${rule.alert} fires`,
    ).toBe(true)
    expect(
      own.some((one) => !one.exp_alerts),
      `${rule.alert} stays quiet`,
    ).toBe(true)
  }
})

test('the runbook tells the figure at which an alert fires', () => {
  const paragraphs = new Map(
    readRepositoryFile('docs/runbook.md')
      .split('\n## ')
      .map((text) => [`docs/runbook.md#${/^\w*/.exec(text)![0].toLowerCase()}`, text]),
  )
  const limits = rules.flatMap(({ alert, expr, annotations: { runbook } }) =>
    [...expr.matchAll(/[<>] ([\d.]+)(?: \* (\d+))?/g)]
      .map(([, figure, times = '1']) => Number(figure) * Number(times))
      .filter((figure) => figure > 0)
      .map((figure) => ({ alert, figure, said: paragraphs.get(runbook)! })),
  )
  expect(limits.length).toBeGreaterThan(10)
  const spoken = (figure: number) => [
    String(figure),
    `${Math.round(figure * 100)} %`,
    `${figure / 3600} hours`,
    figure === 60 ? 'a minute' : `${figure / 60} minutes`,
    ...(figure === 0.2 ? ['a fifth'] : []),
  ]
  const untold = limits.filter(({ figure, said }) => !spoken(figure).some((words) => said.includes(words)))
  expect(untold.map(({ alert, figure }) => `${alert} ${figure}`)).toEqual([])
})

test('the panels of the dashboard do not overlap and fit its width', () => {
  for (const [index, { gridPos: a, title }] of dashboard.panels.entries()) {
    expect(a.x + a.w, title).toBeLessThanOrEqual(24)
    for (const { gridPos: b, title: other } of dashboard.panels.slice(index + 1)) {
      const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y
      expect(apart, `${title} and ${other}`).toBe(true)
    }
  }
})

test('Prometheus looks for every role under the port on which it answers', () => {
  const { scrape_configs } = parse(readRepositoryFile('deploy/monitoring/prometheus.yml')) as {
    scrape_configs: {
      dns_sd_configs?: { names: string[]; port: number }[]
      static_configs?: { targets: string[] }[]
    }[]
  }
  const found = scrape_configs.flatMap(({ dns_sd_configs = [] }) =>
    dns_sd_configs.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`)),
  )
  const { services } = readCompose(SECRETS)
  const roles = Object.entries(services).filter(([, service]) => service.deploy?.replicas)
  const real = roles.map(
    ([name, { environment }]) => `${name}:${environment!['HEALTH_PORT'] ?? environment!['PORT']}`,
  )
  expect(found.toSorted()).toEqual(real.toSorted())
  const others = scrape_configs.flatMap(({ static_configs = [] }) =>
    static_configs.flatMap(({ targets }) => targets),
  )
  for (const target of others) {
    expect(services[target.split(':')[0]!]).toMatchObject({ profiles: ['monitoring'] })
  }
})

test('F34 a disk that fills up is told before it is full: its figures are collected, and the volumes have the names that the alert knows', () => {
  const { expr } = rules.find((rule) => rule.alert === 'DiskFull')!
  expect(readCompose(SECRETS).services['node-exporter']!.command).toContain('--collector.filesystem')
  expect(readRepositoryFile('deploy/monitoring/prometheus.yml')).toContain("['node-exporter:9100']")
  const claims = new RegExp(`^(${/persistentvolumeclaim=~"([^"]+)"/.exec(expr)![1]})$`)
  const claimed = ['postgres', 'redis'].map((server) => {
    const text = readRepositoryFile(`deploy/k8s/components/servers/${server}.yaml`)
    return `${/volumeClaimTemplates:\s+- metadata: \{ name: (\w+) \}/.exec(text)![1]}-${server}-0`
  })
  const [, backups] = /claimName: (\w+)/.exec(readRepositoryFile('deploy/backup/cronjob.yaml'))!
  for (const name of [...claimed, backups!]) expect(name).toMatch(claims)
})

describe('Alertmanager', () => {
  interface Config {
    route: { receiver: string; group_by: string[]; routes: { matchers: string[] }[] }
    inhibit_rules: { source_matchers: string[]; target_matchers: string[] }[]
    receivers: {
      name: string
      telegram_configs?: { bot_token: string; chat_id: number; message: string }[]
    }[]
  }
  /** The configuration that the start script hands to Alertmanager; here the script prints it. */
  async function configured(env: Record<string, string>) {
    const folder = await tempFolder()
    const config = join(folder, 'filled.yml')
    const { status, stderr } = spawnSync('sh', ['deploy/monitoring/alertmanager.sh', '--flag'], {
      cwd: repository,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        TEMPLATE: 'deploy/monitoring/alertmanager.yml',
        CONFIG: config,
        ALERTMANAGER: 'true',
        ...env,
      },
    })
    expect(status, stderr).toBe(0)
    return { config: parse(readFileSync(config, 'utf8')) as Config, stderr }
  }

  test('tells one chat, what fires together in one message, and names the runbook', async () => {
    const { config } = await configured({ ALERTS_BOT_TOKEN: '1:AA-b_c', ALERTS_CHAT_ID: '-1001' })
    expect(config.route).toMatchObject({ receiver: 'people', group_by: ['severity'] })
    const people = config.receivers.find(({ name }) => name === config.route.receiver)!
    expect(people.telegram_configs).toMatchObject([{ bot_token: '1:AA-b_c', chat_id: -1001 }])
    expect(people.telegram_configs![0]!.message).toContain('.Annotations.runbook')
    const alerts = rules.map(({ alert }) => alert)
    for (const { source_matchers, target_matchers } of config.inhibit_rules) {
      for (const matcher of [...source_matchers, ...target_matchers]) {
        const names = /^alertname=~?"(.+)"$/.exec(matcher)![1]!
        for (const name of names.split('|')) expect(alerts).toContain(name.replace('.*', ''))
      }
    }
  })

  test('without a chat it starts all the same, tells nobody, and says so', async () => {
    const { config, stderr } = await configured({})
    expect(config.receivers.find(({ name }) => name === config.route.receiver)).toEqual({ name: 'nobody' })
    expect(JSON.stringify(config)).not.toContain('ALERTS_')
    expect(stderr).toContain('reach nobody')
  })

  test('is where Prometheus sends its alerts', () => {
    const { alerting } = parse(readRepositoryFile('deploy/monitoring/prometheus.yml')) as {
      alerting: { alertmanagers: { static_configs: { targets: string[] }[] }[] }
    }
    const [target] = alerting.alertmanagers.flatMap((one) =>
      one.static_configs.flatMap(({ targets }) => targets),
    )
    expect(readCompose(SECRETS).services[target!.split(':')[0]!]).toMatchObject({ profiles: ['monitoring'] })
  })
})

describe.skipIf(!onPath('promtool'))('promtool', () => {
  const promtool = (args: string[]): string =>
    execFileSync('promtool', args, { cwd: repository, encoding: 'utf8', stdio: 'pipe' })

  test('finds no fault in the rules and in the configuration', () => {
    expect(promtool(['check', 'rules', 'deploy/monitoring/alerts.yml'])).toContain('SUCCESS')
    expect(promtool(['check', 'config', 'deploy/monitoring/prometheus.yml'])).toContain('SUCCESS')
  })

  test('finds no fault in the configuration for Kubernetes', async () => {
    const folder = await tempFolder()
    // Debian's promtool is built without the discovery of Kubernetes, so that part is cut out and all the rest is
    // checked.
    const text = readRepositoryFile('deploy/monitoring/prometheus-kubernetes.yml')
    expect(text).toContain('kubernetes_sd_configs: [{ role: pod }]')
    writeFileSync(
      join(folder, 'prometheus.yml'),
      text.replace(/kubernetes_sd_configs: .*/, 'static_configs: []'),
    )
    writeFileSync(join(folder, 'alerts.yml'), readRepositoryFile('deploy/monitoring/alerts.yml'))
    expect(promtool(['check', 'config', join(folder, 'prometheus.yml')])).toContain('SUCCESS')
  })

  test('sees every alert fire when it must and stay quiet otherwise', () => {
    expect(promtool(['test', 'rules', 'deploy/monitoring/alerts.test.yml'])).toContain('SUCCESS')
  })

  test('finds no fault in what a process exports, the figures of Node among them', async () => {
    const metrics = createMetrics()
    metrics.jobs.inc({ queue: 'billing', name: 'x', outcome: 'completed' })
    metrics.jobWait.observe({ queue: 'billing', name: 'x' }, 0.2)
    const input = await metrics.registry.metrics()
    const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
    expect(stdout + stderr).toBe('')
  })
})
