import { readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { readRepositoryFile, repository } from './compose.ts'

export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Record<string, string> }
  spec?: Record<string, unknown>
  data?: Record<string, string>
}

export interface Container {
  name: string
  image: string
  args?: string[]
  env?: { name: string; value?: string }[]
  ports?: { name: string; containerPort: number }[]
  startupProbe?: Probe
  readinessProbe?: Probe
  livenessProbe?: Probe
  resources: { limits: { memory: string }; requests: Record<string, string> }
  securityContext: Record<string, unknown>
  volumeMounts?: { name: string; mountPath: string }[]
}

export interface Probe {
  httpGet?: { path: string; port: string }
}

export interface PodSpec {
  containers: Container[]
  volumes?: { name: string; secret?: { secretName: string }; configMap?: { name: string } }[]
  terminationGracePeriodSeconds?: number
  automountServiceAccountToken?: boolean
  securityContext?: Record<string, unknown>
}

export interface Deployment extends KubernetesObject {
  spec: {
    replicas?: number
    selector: { matchLabels: Record<string, string> }
    template: { metadata: { labels: Record<string, string> }; spec: PodSpec }
  }
}

interface Kustomization {
  resources?: string[]
  components?: string[]
  patches?: { target: { kind: string; name?: string } }[]
  configMapGenerator?: { name: string; files: string[] }[]
  images?: { name: string }[]
}

const isFolder = (path: string): boolean => statSync(resolve(repository, path)).isDirectory()

/** Every object that a folder with a kustomization.yaml leads to, without its patches. @throws when a file is missing */
export function objectsOf(folder: string): KubernetesObject[] {
  const kustomization = readKustomization(folder)
  const paths = [...(kustomization.resources ?? []), ...(kustomization.components ?? [])]
  const generated = (kustomization.configMapGenerator ?? []).map(({ name, files }) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: Object.fromEntries(files.map((file) => [file, readRepositoryFile(join(folder, file))])),
  }))
  return [
    ...generated,
    ...paths.flatMap((path) => {
      const full = join(folder, path)
      if (isFolder(full)) return objectsOf(full)
      return parseAllDocuments(readRepositoryFile(full)).map(
        (document) => document.toJS() as KubernetesObject,
      )
    }),
  ]
}

export function readKustomization(folder: string): Kustomization {
  return parse(readRepositoryFile(join(folder, 'kustomization.yaml'))) as Kustomization
}

/** Every YAML file below a folder that holds objects rather than a kustomization. */
export function manifestFiles(folder: string): string[] {
  return readdirSync(resolve(repository, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml') && !file.endsWith('kustomization.yaml'))
    .map((file) => join(folder, file))
}

/** Every file that any kustomization below a folder names. */
export function namedFiles(folder: string): string[] {
  return readdirSync(resolve(repository, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('kustomization.yaml'))
    .flatMap((file) => {
      const { resources = [] } = readKustomization(join(folder, dirname(file)))
      return resources.map((path) => join(folder, dirname(file), path))
    })
}

/**
 * Checks an object against the OpenAPI schema of its kind. The generated validators ignore keys that they do
 * not know and never read them, so a key that was not read does not exist in Kubernetes.
 * @returns what is wrong with the object
 */
export async function faultsOf(object: KubernetesObject): Promise<string[]> {
  const { apiVersion, kind } = object
  const pack = apiVersion.startsWith('keda.sh/') ? '@kubernetes-models/keda' : 'kubernetes-models'
  const module = (await import(`${pack}/${apiVersion}/${kind}`)) as Record<
    string,
    { prototype: { validate(): void } }
  >
  const asked = new Map<object, Set<string>>()
  const watched = watch(object, asked) as KubernetesObject
  const faults: string[] = []
  try {
    // The constructor is left out, because it reads every key in order to copy it.
    module[kind]!.prototype.validate.call(watched)
  } catch (error) {
    faults.push((error as Error).message)
  }
  collectUnasked(object, asked, kind, faults)
  return faults
}

function watch(value: unknown, asked: Map<object, Set<string>>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const names = new Set<string>()
  asked.set(value, names)
  const children = new Map<string, unknown>()
  return new Proxy(value, {
    get(target, name) {
      if (typeof name === 'symbol' || !Object.hasOwn(target, name))
        return Reflect.get(target, name) as unknown
      names.add(name)
      if (!children.has(name)) children.set(name, watch((target as Record<string, unknown>)[name], asked))
      return children.get(name)
    },
  })
}

function collectUnasked(
  value: unknown,
  asked: Map<object, Set<string>>,
  path: string,
  faults: string[],
): void {
  if (typeof value !== 'object' || value === null) return
  const names = asked.get(value)
  if (!names) return
  for (const [name, child] of Object.entries(value)) {
    if (!Array.isArray(value) && !names.has(name)) faults.push(`${path}.${name} is no field of Kubernetes`)
    else collectUnasked(child, asked, `${path}.${name}`, faults)
  }
}
