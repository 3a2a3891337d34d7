#!/usr/bin/env bash
# prom-client 15.1.3, its `AggregatorRegistry` with the cluster module of Node 24.21.0.
# A good guess: `clusterMetrics()` gives what one process that had done all of the work would show: a median of four
#   workers that all take 2 s is 2 s, the time of the last sale is the latest one, and a counter never falls.
# What happens: what nothing else was said about is summed. The median is 8 s, and grows with the number of workers; the
#   last sale is in the year 2197. Counters are those of the workers that are alive: when one of four ends, a total falls
#   from 4000 to 3000, which Prometheus takes for a restart from 0, so `rate()` shows three thousand sales in a moment.
#   `aggregator: 'average'` mends the median, but averages `_sum` and `_count` as well; histograms can be summed.
# Seen: 4000 and 3000; 8; 7184200000; with `average` 2, and a count of 3 for twelve observations.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install prom-client@15.1.3
script <<'JS'
import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import prom from 'prom-client'

const WORKERS = 4
const registry = new prom.AggregatorRegistry()
if (cluster.isWorker) {
  const metric = (Class, name, options) => new Class({ name, help: name, ...options })
  metric(prom.Counter, 'sales_total').inc(1000)
  metric(prom.Gauge, 'last_sale_seconds').set(1_796_050_000)
  const percentiles = { percentiles: [0.5] }
  metric(prom.Summary, 'answer_seconds', percentiles).observe(2)
  const averaged = metric(prom.Summary, 'averaged_seconds', { ...percentiles, aggregator: 'average' })
  for (let time = 0; time < 3; time++) averaged.observe(2)
  process.send('ready')
} else {
  const workers = Array.from({ length: WORKERS }, () => cluster.fork())
  const ready = (worker) => new Promise((resolve) => worker.on('message', (said) => said === 'ready' && resolve()))
  await Promise.all(workers.map(ready))
  const shown = async () => {
    const lines = (await registry.clusterMetrics()).split('\n').filter((line) => line && !line.startsWith('#'))
    return Object.fromEntries(lines.map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]))
  }
  const seen = { four: await shown() }
  const ended = new Promise((resolve) => workers[0].on('exit', resolve))
  workers[0].kill()
  await ended
  seen.three = (await shown()).sales_total
  console.log(seen)
  assert.deepEqual(seen.four, {
    sales_total: 4000,
    last_sale_seconds: 7_184_200_000,
    'answer_seconds{quantile="0.5"}': 8,
    answer_seconds_sum: 8,
    answer_seconds_count: 4,
    'averaged_seconds{quantile="0.5"}': 2,
    averaged_seconds_sum: 6,
    averaged_seconds_count: 3,
  })
  assert.equal(seen.three, 3000)
  process.exit()
}
JS
