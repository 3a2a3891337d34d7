import { registerHooks } from 'node:module'

// For `node --import`: the process says on its standard error which drawers of which rooms it loads.
registerHooks({
  load(url, context, next) {
    const drawer = /\/src\/shop\/([^/]+\/(?:worker|bot|door))[/.]/.exec(url)?.[1]
    if (drawer) process.stderr.write(`DRAWER ${drawer}\n`)
    return next(url, context)
  },
})
