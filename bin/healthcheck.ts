import { shorten } from '#shared/storable.ts'

// For HEALTHCHECK in containers: exit code 0 while /healthz of the process in this container answers 200.
// A worker answers on HEALTH_PORT, the gateway on PORT.
const port = Number(process.env['HEALTH_PORT']) || Number(process.env['PORT']) || 8080
try {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4_000) })
  console.log(answer.status, shorten(await answer.text(), 500))
  process.exitCode = answer.ok ? 0 : 1
} catch (error) {
  console.log(`port ${port} does not answer: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
