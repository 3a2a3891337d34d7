import { registerHooks } from 'node:module'

// Given to a process with --import: says on its standard error which packages of OpenTelemetry it loads, and for whom.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@opentelemetry/'))
      process.stderr.write(`LOADS ${specifier} FOR ${context.parentURL}\n`)
    return next(specifier, context)
  },
})
