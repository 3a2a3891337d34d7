import { registerHooks } from 'node:module'

// For `node --import`: the process says on its standard error which packages of OpenTelemetry it loads, and
// which module asked for them.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@opentelemetry/'))
      process.stderr.write(`LOADS ${specifier} FOR ${context.parentURL}\n`)
    return next(specifier, context)
  },
})
