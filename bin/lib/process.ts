import { goods } from '#shop/goods.ts'
import { catalogue } from '#shop/jobs.ts'
import { existsSync } from 'node:fs'
import { loadEnvFile } from 'node:process'
import { ConfigError } from '#shared/config/config.ts'
import { readConfig } from '#shop/config.ts'
import type { Config, Environment } from '#shared/config/config.ts'
import { explain } from '#shared/errors.ts'
import { closedFolder } from '#shared/folder.ts'
import { createLog } from '#shared/log.ts'
import type { Log } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueTarget } from '#shared/queue/backend.ts'
import { knownSecrets } from '#shared/config/known-secrets.ts'
import { closeToOthers, FolderShared } from './private-folder.ts'
import { besideSandbox } from './sandbox.ts'
import { checkRedisServers } from './check-redis.ts'
import { partitionProblem } from '#shared/queue/partitions.ts'
import { createProgress } from '#shared/progress.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { secretsFrom } from '#shared/secrets.ts'
import type { Shared } from '#shared/context.ts'
import { currentTraceId } from '#shared/trace/trace.ts'
import type { Tracer } from '#shared/trace/trace.ts'

/** Everything ends within this long after SIGTERM. */
export const STOP_MS = 10_000
/** Running jobs get this much of the time; the rest is for closing connections and children. */
export const DRAIN_MS = 7_000

/** Code that starts something pushes its stop here. The stops run in reverse order. */
export class Stops {
  private readonly stops: { name: string; stop: () => Promise<unknown> }[] = []

  push(name: string, stop: () => Promise<unknown>): void {
    this.stops.push({ name, stop })
  }

  async run(log: Log): Promise<void> {
    for (const { name, stop } of this.stops.splice(0).toReversed()) {
      await stop().catch((error: unknown) => log.warn({ err: error }, `stopping ${name} failed`))
    }
  }
}

/**
 * Reads `.env`, over which the environment wins, and then the settings. If something is wrong, it names everything
 * that is wrong and ends the process.
 */
export function readSettings(environment: Environment = process.env): { config: Config; notes: string[] } {
  const settings = tryReadSettings(environment)
  if (!(settings instanceof ConfigError)) return settings
  fail([
    'telekassa cannot start with these settings:',
    ...settings.problems.map((problem) => `  - ${problem}`),
  ])
}

/** Reads the settings for a command that can say more than that it cannot start. @returns the errors, if there are any */
export function tryReadSettings(
  environment: Environment = process.env,
): { config: Config; notes: string[] } | ConfigError {
  loadDotEnv()
  const notes: string[] = []
  try {
    const config = readConfig(besideSandbox(environment), (line) => notes.push(line))
    const open = closeToOthers(config.dataDir)
    if (open) notes.push(open)
    return { config, notes }
  } catch (error) {
    if (error instanceof ConfigError) return error
    if (error instanceof FolderShared) return new ConfigError([error.message])
    throw error
  }
}

let isRead = false

/** Loads `.env` once: a variable that a process removes from its environment afterwards stays away. */
export function loadDotEnv(): void {
  if (!isRead && existsSync('.env')) loadEnvFile('.env')
  isRead = true
}

export function fail(lines: string[]): never {
  console.error(lines.join('\n'))
  process.exit(1)
}

/**
 * Ends the process where nothing can be kept in DATA_DIR, before anything is started that keeps something there.
 * @param named the folder as the operator named it
 */
export function demandFolder(dataDir: string, named = dataDir): void {
  const why = closedFolder(dataDir)
  if (why)
    fail([
      `telekassa cannot start: DATA_DIR ${named} cannot be written (${why}): name a folder that this account may write to.`,
    ])
}

export function processLog(config: Config, name: string): Log {
  return createLog({
    level: config.logLevel,
    name,
    pretty: process.stdout.isTTY === true,
    ...(config.tracing.endpoint && { mixin: () => ({ trace: currentTraceId() }) }),
    secrets: knownSecrets(config),
  })
}

/**
 * Opens the database and the queue, and refuses a queue that would lose jobs.
 * @param name the name of this process in traces
 */
export async function openShared(
  config: Config,
  log: Log,
  name: string,
  target: QueueTarget,
  stops: Stops,
): Promise<Shared> {
  if (target.kind === 'redis') {
    for (const { place, refuse, warn } of await checkRedisServers(target, config.queuePrefix)) {
      const which = place === undefined ? '' : `${place}: `
      if (refuse) fail([`telekassa cannot use this Redis: ${which}${refuse}`])
      for (const sentence of warn) log.warn(which + sentence)
    }
  }
  const tracer = await tracerFor(config, name)
  // This stop is pushed first, so that it runs after the stops of everything that makes spans.
  if (tracer) stops.push('traces', () => tracer.stop())
  const backend = await openBackend(target, config.queuePrefix)
  stops.push('queue', () => backend.close())
  const problem = await partitionProblem(backend, config.queuePrefix).catch((error: unknown) => {
    log.warn({ reason: explain(error) }, 'the queue does not say how many partitions others work with')
    return undefined
  })
  if (problem) fail([`telekassa cannot use these queues: ${problem}`])
  return {
    config,
    log,
    metrics: createMetrics(),
    backend,
    goods,
    producer: openProducer(backend, catalogue, secretsFrom(config)),
    progress: createProgress(),
    standings: new Set(),
    ...(tracer && { tracer }),
  }
}

/** Loads OpenTelemetry only for a process that has a collector. */
async function tracerFor({ tracing }: Config, name: string): Promise<Tracer | undefined> {
  const { endpoint, ratio } = tracing
  if (!endpoint) return undefined
  const { openTracer } = await import('#shared/trace/otel.ts')
  return openTracer({ endpoint, ratio }, name)
}

/** Ends the process on SIGTERM and Ctrl-C, once, with 0. A second signal, or a stop that hangs, ends it at once. */
export function stopOnSignals(stops: Stops, log: Log): void {
  let stopping = false
  const stop = (signal: string): void => {
    if (stopping) process.exit(1)
    stopping = true
    log.info({ signal }, 'stopping')
    setTimeout(() => {
      log.error('did not stop in time')
      process.exit(1)
    }, STOP_MS - 500).unref()
    void stops.run(log).then(() => {
      log.info('stopped')
      process.exit(0)
    })
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}
