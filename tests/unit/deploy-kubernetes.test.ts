import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createMetrics } from '#shared/metrics.ts'
import { workerTypes } from '#workers/run.ts'
import { SECRETS, readCompose, readRepositoryFile, repository, settingNames } from '../lib/compose.ts'
import { tempFolder } from '../lib/infra.ts'
import { faultsOf, manifestFiles, namedFiles, objectsOf, readKustomization } from '../lib/kubernetes.ts'
import type { Deployment, KubernetesObject, PodSpec } from '../lib/kubernetes.ts'
import { onPath } from '../lib/requirements.ts'

const { services } = readCompose(SECRETS)
const roles = Object.keys(services).filter((name) => services[name]!.deploy?.replicas)
const small = objectsOf('deploy/k8s/overlays/small')
const large = objectsOf('deploy/k8s/overlays/large')
const migrate = objectsOf('deploy/k8s/migrate')
const all = [
  ...new Map(
    [...small, ...large, ...migrate].map((one) => [`${one.kind}/${one.metadata.name}`, one]),
  ).values(),
]
const ofKind = (objects: KubernetesObject[], kind: string): KubernetesObject[] =>
  objects.filter((one) => one.kind === kind)
const deployments = ofKind(all, 'Deployment') as Deployment[]

/** The pods that Deployments, StatefulSets, Jobs and CronJobs make. */
function podOf(object: KubernetesObject): PodSpec | undefined {
  const spec = object.spec as {
    template?: { spec?: PodSpec }
    jobTemplate?: { spec: { template: { spec: PodSpec } } }
  }
  return spec?.jobTemplate?.spec.template.spec ?? spec?.template?.spec
}
const pods = all.flatMap((one) => {
  const pod = podOf(one)
  return pod ? [{ name: `${one.kind} ${one.metadata.name}`, pod }] : []
})

test('the Redis of the small overlay keeps what it acknowledged as that of Compose does', () => {
  const flags = (args: string[], names: string[]) => names.map((name) => args[args.indexOf(name) + 1])
  const names = ['--appendonly', '--appendfsync', '--maxmemory-policy']
  const { args } = pods.find(({ name }) => name === 'StatefulSet redis')!.pod.containers[0]!
  expect(flags(args!, names)).toEqual(['yes', 'always', 'noeviction'])
  expect(flags(services['redis']!.command!, names)).toEqual(flags(args!, names))
})

describe('every object', () => {
  test.for(all.map((one) => [`${one.kind} ${one.metadata.name}`, one] as const))(
    '%s follows the schema of its kind, unknown fields included',
    async ([, object]) => {
      const faults = await faultsOf(object)
      // The package's schema of KEDA is older than this field (KEDA 2.18, specification of ScaledObject,
      // "fallback").
      expect(
        faults.filter((one) => one !== 'ScaledObject.spec.fallback.behavior is no field of Kubernetes'),
      ).toEqual([])
    },
  )

  test('the check finds what it must: a wrong type, a missing field, an unknown field', async () => {
    const broken = structuredClone(deployments[0]!) as Deployment & { spec: Record<string, unknown> }
    broken.spec.replicas = 'two' as unknown as number
    expect(await faultsOf(broken)).not.toEqual([])
    const unknown = structuredClone(deployments[0]!)
    Object.assign(unknown.spec.template.spec.containers[0]!, { livenesProbe: {} })
    expect(await faultsOf(unknown)).toEqual([
      'Deployment.spec.template.spec.containers.0.livenesProbe is no field of Kubernetes',
    ])
    const missing = structuredClone(deployments[0]!)
    delete (missing.spec as Record<string, unknown>)['selector']
    expect((await faultsOf(missing)).join()).toContain('selector')
  })
})

test('no manifest is forgotten by the kustomizations, and none is named that does not exist', () => {
  const named = namedFiles('deploy/k8s').concat(namedFiles('deploy/backup'))
  for (const path of named) expect(existsSync(resolve(repository, path)), path).toBe(true)
  for (const file of [...manifestFiles('deploy/k8s'), ...manifestFiles('deploy/backup')]) {
    expect(named, file).toContain(file)
  }
})

test('each role of docker-compose.yml is a Deployment with the same command and at least the same memory', () => {
  expect(deployments.map((one) => one.metadata.name).toSorted()).toEqual(roles.toSorted())
  for (const one of deployments) {
    const service = services[one.metadata.name]!
    const [container] = one.spec.template.spec.containers
    expect(container!.args).toEqual(service.command)
    const heapMb = Number(
      container!.env!.find((variable) => variable.name === 'NODE_OPTIONS')!.value!.split('=')[1],
    )
    const limit = container!.resources.limits.memory
    expect(heapMb).toBeLessThanOrEqual(Number.parseInt(limit, 10) * (limit.endsWith('Gi') ? 1024 : 1) * 0.75)
  }
  expect(podOf(migrate[0]!)!.containers[0]!.args).toEqual(services['migrate']!.command)
})

test('selectors find their pods, and a pod is found by one Deployment only', () => {
  for (const one of deployments) {
    expect(one.spec.template.metadata.labels).toMatchObject(one.spec.selector.matchLabels)
    const finders = deployments.filter((other) =>
      Object.entries(other.spec.selector.matchLabels).every(
        ([key, value]) => one.spec.template.metadata.labels[key] === value,
      ),
    )
    expect(finders).toHaveLength(1)
  }
  const labels = all.flatMap((one) => {
    const spec = one.spec as { template?: { metadata?: { labels?: Record<string, string> } } } | undefined
    return spec?.template?.metadata?.labels ? [spec.template.metadata.labels] : []
  })
  const selectors = [
    ...ofKind(all, 'Service').map((one) => one.spec!['selector']),
    ...ofKind(all, 'PodDisruptionBudget').map(
      (one) => (one.spec!['selector'] as { matchLabels: unknown }).matchLabels,
    ),
  ] as Record<string, string>[]
  expect(selectors.length).toBeGreaterThanOrEqual(roles.length + 3)
  for (const selector of selectors) {
    const found = labels.filter((one) => Object.entries(selector).every(([key, value]) => one[key] === value))
    expect(found, JSON.stringify(selector)).toHaveLength(1)
  }
})

test.each(deployments.map((one) => [one.metadata.name, one] as const))(
  '%s is probed on its own port, and has time to finish its work and a bit more than in Compose',
  (name, deployment) => {
    const pod = deployment.spec.template.spec
    const [container] = pod.containers
    const [port] = container!.ports!
    const variables = Object.fromEntries(container!.env!.map((one) => [one.name, one.value]))
    expect(String(port!.containerPort)).toBe(
      name === 'gateway' ? variables['PORT'] : variables['HEALTH_PORT'],
    )
    for (const probe of [container!.startupProbe, container!.livenessProbe]) {
      expect(probe!.httpGet).toEqual({ path: '/healthz', port: port!.name })
    }
    expect(container!.readinessProbe!.httpGet).toEqual({ path: '/readyz', port: port!.name })
    const compose = Number.parseInt(services[name]!.stop_grace_period!, 10)
    expect(pod.terminationGracePeriodSeconds).toBe(compose + 10)
  },
)

test.each(pods.map(({ name, pod }) => [name, pod] as const))('%s runs without rights', (_, pod) => {
  expect(pod.automountServiceAccountToken).toBe(false)
  expect(pod.securityContext).toMatchObject({
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  })
  for (const container of pod.containers) {
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    })
    // The image of PostgreSQL writes its socket and its settings beside the data.
    if (container.name !== 'postgres') expect(container.securityContext['readOnlyRootFilesystem']).toBe(true)
    expect(container.resources.limits.memory).toBeTruthy()
  }
})

test('volumes that are mounted are declared, and the settings that are declared exist', () => {
  const known = settingNames()
  for (const { name, pod } of pods) {
    const volumes = (pod.volumes ?? []).map((one) => one.name)
    for (const container of pod.containers) {
      for (const { name: volume } of container.volumeMounts ?? []) {
        if (name.startsWith('StatefulSet') && volume === 'data') continue
        expect(volumes, name).toContain(volume)
      }
    }
    for (const { configMap } of pod.volumes ?? []) {
      if (configMap)
        expect(ofKind(all, 'ConfigMap').map((one) => one.metadata.name)).toContain(configMap.name)
    }
  }
  const settings = ofKind(all, 'ConfigMap').find((one) => one.metadata.name === 'telekassa')!.data!
  const variables = deployments.flatMap((one) =>
    one.spec.template.spec.containers[0]!.env!.map(({ name }) => name),
  )
  for (const variable of new Set([...Object.keys(settings), ...variables])) {
    if (variable !== 'NODE_OPTIONS') expect(known, variable).toContain(variable)
  }
  for (const path of Object.values(settings).filter((value) => value.startsWith('/run/secrets/'))) {
    expect(readRepositoryFile('deploy/k8s/README.md')).toMatch(
      new RegExp(`--from-\\w+=${path.split('/').at(-1)}=`),
    )
  }
})

test('the addresses inside are no way out: pictures and webhooks reach public addresses only', () => {
  const [out] = all.filter((one) => one.metadata.name === 'telekassa-out')
  const text = JSON.stringify(out)
  for (const range of ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '127.0.0.0/8']) {
    expect(text).toContain(range)
  }
})

test('spans get out to the port of the collector that comes with the repository, in the namespace of the figures', () => {
  const collector = parse(readRepositoryFile('deploy/monitoring/otel-collector.yml')) as {
    receivers: { otlp: { protocols: { http: { endpoint: string } } } }
  }
  const port = Number(collector.receivers.otlp.protocols.http.endpoint.split(':')[1])
  const [out] = all.filter((one) => one.metadata.name === 'telekassa-out')
  expect(out!.spec!['egress']).toContainEqual({
    to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    ports: [{ protocol: 'TCP', port }],
  })
})

describe('scaling by queue', () => {
  interface Scaled extends KubernetesObject {
    spec: {
      scaleTargetRef: { name: string }
      minReplicaCount: number
      maxReplicaCount: number
      fallback: { replicas: number }
      triggers: { type: string; metadata: Record<string, string> }[]
    }
  }
  const scaled = ofKind(large, 'ScaledObject') as Scaled[]

  test('what KEDA scales exists and has no number of replicas of its own', () => {
    const patched = (readKustomization('deploy/k8s/overlays/large').patches ?? []).map(
      (patch) => patch.target.name,
    )
    for (const { spec } of scaled) {
      const target = deployments.find((one) => one.metadata.name === spec.scaleTargetRef.name)
      expect(target?.spec.replicas).toBeUndefined()
      expect(patched).not.toContain(spec.scaleTargetRef.name)
      expect(spec.fallback.replicas).toBeLessThanOrEqual(spec.maxReplicaCount)
    }
    // upkeep is not scaled, because it writes the figures, and the gateway follows its CPU.
    const rest = roles.filter((role) => !scaled.some((one) => one.spec.scaleTargetRef.name === role))
    expect(rest.toSorted()).toEqual(['gateway', 'upkeep'])
  })

  test('the README names the connections to PostgreSQL that all roles need at most', () => {
    const most = (name: string) =>
      scaled.find((one) => one.metadata.name === name)?.spec.maxReplicaCount ?? (name === 'upkeep' ? 2 : 0)
    const [gateways] = ofKind(large, 'HorizontalPodAutoscaler') as unknown as {
      spec: { maxReplicas: number }
    }[]
    const pool = Number(
      /openDb\(databaseUrl, \{\s*max: (\d+)/.exec(readRepositoryFile('src/gateway/start.ts'))![1],
    )
    const sum = workerTypes.reduce((total, type) => total + most(type.name) * type.poolSize, 0)
    expect(readRepositoryFile('deploy/k8s/README.md')).toContain(
      `add up to ${sum + gateways!.spec.maxReplicas * pool} connections`,
    )
    const single = workerTypes.reduce((total, type) => total + type.poolSize, pool)
    expect(readRepositoryFile('docs/scaling.md')).toContain(`One of each role is ${single},`)
  })

  test('those who keep people or money waiting never go to zero', () => {
    const least = Object.fromEntries(scaled.map((one) => [one.metadata.name, one.spec.minReplicaCount]))
    expect(least).toEqual({ bot: 1, billing: 1, fragment: 0, images: 0, broadcasts: 0, exports: 0 })
  })

  test('each worker follows the age of the oldest job and the backlog of exactly the queues that it consumes', async () => {
    const exported = (await createMetrics().registry.getMetricsAsJSON()).map((one) => one.name)
    for (const { metadata, spec } of scaled) {
      const [age, backlog, ...more] = spec.triggers
      expect(more).toEqual([])
      expect(age!.metadata['query']).toContain('telekassa_queue_oldest_age_seconds')
      expect(backlog!.metadata['query']).toContain('state=~"wait|prioritized|due|active"')
      for (const { metadata: trigger } of spec.triggers) {
        const { query, ...rest } = trigger
        for (const name of query!.match(/telekassa_\w+/g)!) expect(exported).toContain(name)
        const selectors = [...query!.matchAll(/queue=~?"([^"]+)"/g)].map((match) => match[1]!)
        expect(new Set(selectors).size).toBe(1)
        const type = workerTypes.find((one) => one.name === metadata.name)!
        expect(selectors[0]!.split('|').toSorted()).toEqual([...type.queues].toSorted())
        expect(query).not.toContain('paused')
        expect(rest).toMatchObject({ ignoreNullValues: 'false', activationThreshold: '0' })
        for (const value of Object.values(trigger)) expect(value).toBeTypeOf('string')
      }
    }
  })

  test.skipIf(!onPath('promtool'))(
    'a job that is due brings a worker back from zero; two replicas of upkeep do not double it, what is paused counts nothing, and all that is not counts (F95)',
    async () => {
      const file = join(await tempFolder(), 'measures.test.yml')
      const series = (name: string, labels: string, value: number) =>
        ['a:1', 'b:1'].map((instance) => ({
          series: `telekassa_${name}{${labels}, instance="${instance}"}`,
          values: `${value} ${value}`,
        }))
      const jobs = (queue: string, due: number, age: number, paused: number) => [
        ...series('queue_jobs', `queue="${queue}", state="due"`, due),
        ...series('queue_jobs', `queue="${queue}", state="paused"`, 9 * paused),
        ...series('queue_jobs', `queue="${queue}", state="delayed"`, 1_000),
        ...series('queue_oldest_age_seconds', `queue="${queue}"`, age),
        ...series('queue_paused', `queue="${queue}"`, paused),
      ]
      const tests = scaled.flatMap(({ metadata, spec }) => {
        const queues = workerTypes.find((one) => one.name === metadata.name)!.queues
        const idle = queues.slice(1).flatMap((queue) => jobs(queue, 0, 0, 0))
        const loads = [
          { due: 3, age: 7, paused: 0 },
          { due: 3, age: 7, paused: 1 },
          { due: 0, age: 0, paused: 1 },
        ]
        return loads.map(({ due, age, paused }) => ({
          interval: '1m',
          input_series: [...jobs(queues[0]!, due, age, paused), ...idle],
          promql_expr_test: spec.triggers.map((trigger, index) => ({
            expr: trigger.metadata['query'],
            eval_time: '1m',
            exp_samples: [{ labels: '{}', value: [age, due][index] }],
          })),
        }))
      })
      writeFileSync(file, JSON.stringify({ tests }))
      const { stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' })
      expect(stdout, stderr).toContain('SUCCESS')
      expect(tests).toHaveLength(18)
    },
  )
})
