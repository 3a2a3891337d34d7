import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { createChanges, tellChange } from '#shared/changes.ts'
import type { Door, DoorContext } from '#shared/door.ts'
import { UserError } from '#shared/errors.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import type { Texts } from '#shared/i18n/texts.ts'
import { startRelay } from '#shared/queue/relay.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { storableJson } from '#shared/storable.ts'
import { sealTyped } from '#shared/telegram/sealed.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { bodyOf, checked, fileOf, sendFile, sendProblem } from './answering.ts'
import { buyingRoutes } from './buying.ts'
import { byHandRoutes } from './by-hand.ts'
import { homeRoute, homeRoutes } from './home.ts'
import { readInitData } from './init-data.ts'
import { ownRoutes } from './own.ts'
import { payingRoutes } from './paying.ts'
import { mountPanel } from './panel/mount.ts'
import type { PanelParts } from './panel/mount.ts'
import { pictureRoutes } from './pictures.ts'
import { planRoutes } from './plans.ts'
import { purchaseRoutes } from './purchases.ts'
import { WebFile } from './route.ts'
import type { WebRoute } from './route.ts'
import { SESSION_KEY } from './hash.ts'
import { createItemPictures } from './item-picture.ts'
import { openSession } from './sessions.ts'
import { shelfRoutes } from './shelf.ts'
import { createStreams } from './streams.ts'
import { createUploads } from './uploads.ts'
import { createDoorkeeper } from './visitor.ts'
import type { Visitor, WebApp } from './visitor.ts'
import { waitingRoutes } from './waiting.ts'

/** Every request of the pages. */
export const webRoutes: readonly WebRoute[] = [
  ...homeRoutes,
  ...buyingRoutes,
  ...payingRoutes,
  ...ownRoutes,
  ...planRoutes,
  ...waitingRoutes,
  ...pictureRoutes,
  ...byHandRoutes,
  ...shelfRoutes,
  ...purchaseRoutes,
]

/** The folder that `npm run web` builds. */
const BUILT = join(import.meta.dirname, '../../../dist/web')
/** Bytes: a page sends a form of a few lines, and Telegram's signed data are below 8 KiB. */
const BODY_LIMIT = 16 * 1024
/** Bytes: a photo of a receipt; Telegram accepts photos of up to 10 MB. */
const UPLOAD_LIMIT = 10 * 1024 * 1024

/** Everything is loaded from this server, and no inline script runs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** The Mini App may be framed by Telegram's own clients and by the sandbox's chat page. */
const TELEGRAM = "'self' https://web.telegram.org https://*.telegram.org"

const opening = z.object({
  bot: z.string().max(32),
  initData: z.string(),
  key: z.string().regex(SESSION_KEY),
  /** The page shows its first screen next: its answer comes along, which saves a phone a way there and back. */
  home: z.boolean().default(false),
})

/**
 * `GET /app` and `/app/api/...`: the Mini App. The functions belong to the rooms; this file checks who asks. The
 * page's code sends the session's key in a header, which browsers never do by themselves, so no other site can act for
 * a person.
 */
async function mount(app: FastifyInstance, context: DoorContext, parts: PanelParts): Promise<void> {
  await app.register((scope) => pages(scope, context))
  if (context.bots) await app.register((scope) => api(scope, { ...context, bots: context.bots! }, parts))
}

async function pages(scope: FastifyInstance, { log }: DoorContext): Promise<void> {
  const read = (name: string) => readFile(join(BUILT, name)).catch(() => undefined)
  const [page, panel] = await Promise.all([read('app.html'), read('panel.html')])
  if (!page || !panel) log.warn({}, 'the pages are not built: npm run web builds them')
  scope.addHook('onSend', async (_request, reply) => {
    void reply
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('cross-origin-opener-policy', 'same-origin')
      .header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=()')
  })
  const show =
    (file: Buffer | undefined, framers: string) => (_request: FastifyRequest, reply: FastifyReply) =>
      file
        ? reply
            .type('text/html; charset=utf-8')
            .header('cache-control', 'no-cache')
            .header('content-security-policy', `${POLICY}; frame-ancestors ${framers}`)
            .send(file)
        : reply.code(503).send({ title: 'The page is not built: run npm run web' })
  scope.get('/app', show(page, TELEGRAM))
  // The panel must not be framed: another page could put its own picture over the panel's keys.
  for (const path of ['/panel', '/panel/*']) scope.get(path, show(panel, "'none'"))
  if (!page || !panel) return
  // A changed file gets another name, so a browser may keep each file for ever.
  await scope.register(fastifyStatic, {
    root: join(BUILT, 'assets'),
    prefix: '/app/assets/',
    index: false,
    decorateReply: false,
    preCompressed: true,
    maxAge: '1y',
    immutable: true,
  })
}

async function api(
  scope: FastifyInstance,
  context: Omit<DoorContext, 'bots'> & Pick<WebApp, 'bots'>,
  parts: PanelParts,
): Promise<void> {
  const web: WebApp = {
    ...context,
    settings: createSettings(context.db, context.config),
    secrets: secretsFrom(context.config),
    texts: loadTexts(),
    itemPictures: createItemPictures(context),
  }
  const { db, log } = web
  const doorkeeper = createDoorkeeper(web)
  const changes = createChanges(web)
  const streams = createStreams(changes)
  // Jobs that a page's request owes leave at once, as those of a worker do.
  const relay = startRelay(db, web.producer, log, undefined, () => [...web.bots.keys()])
  scope.addHook('preClose', async () => {
    streams.stop()
    changes.stop()
    await relay.stop()
  })
  const refuse = (request: FastifyRequest, reply: FastifyReply, error: unknown) =>
    sendProblem(web, request, reply, error)

  scope.setErrorHandler((error, request, reply) => refuse(request, reply, error))
  scope.addHook('onSend', async (_request, reply) => {
    void reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
  })

  scope.post('/app/api/session', { bodyLimit: BODY_LIMIT }, async (request) => {
    const { bot: name, initData, key, home } = checked(opening, bodyOf(request))
    const bot = web.bots.get(name)
    if (!bot) throw new UserError('web.forged')
    const { user, signature } = readInitData(initData, bot.token)
    await doorkeeper.mayOpen(BigInt(user.id))
    await db.tx((tx) => openSession(tx, { key, bot: name, user, signature }))
    doorkeeper.opened(key)
    if (!home) return { ok: true }
    // A person who is not let in hears why when the page asks again.
    const answer = async () => homeRoute.run(await doorkeeper.admit(request, false), undefined)
    return { ok: true, home: await answer().catch(() => undefined) }
  })
  scope.get('/app/api/events', async (request, reply) => {
    const { personId } = await doorkeeper.admit(request, false)
    streams.open(personId, reply)
  })
  const admitted = new WeakMap<FastifyRequest, Visitor>()
  const uploads = createUploads(web)
  for (const route of webRoutes) {
    scope.route({
      method: route.method,
      url: `/app/api${route.path}`,
      bodyLimit: route.upload ? UPLOAD_LIMIT : BODY_LIMIT,
      // An upload is read only after it is known who sends it.
      ...(route.upload && {
        onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
          const visitor = await doorkeeper.admit(request, route.buys === true)
          await uploads.begin(visitor.personId, request, reply, UPLOAD_LIMIT)
          admitted.set(request, visitor)
        },
      }),
      handler: async (request, reply) => {
        const visitor = admitted.get(request) ?? (await doorkeeper.admit(request, route.buys === true))
        try {
          const bytes = route.upload ? fileOf(request) : undefined
          const typed = { ...storableJson(request.query as object), ...(bytes ? {} : bodyOf(request)) }
          const given = { ...sealTyped(web.secrets, typed), ...storableJson(request.params as object) }
          const answer = await route.run(visitor, route.input && checked(route.input, given), bytes)
          // A change made by one page is shown by the person's other open pages.
          if (route.method === 'POST') await tellChange(db, visitor.personId)
          return await (answer instanceof WebFile ? sendFile(reply, answer) : reply.send(answer))
        } catch (error) {
          return await sendProblem(web, request, reply, error, visitor)
        }
      },
    })
  }
  mountPanel(scope, web, { ...parts, kick: () => relay.kick() }, { streams, uploads })
  scope.all('/app/api/*', (request, reply) => refuse(request, reply, new UserError('web.unknown')))
}

/** @param parts what the panel shows of other rooms */
export function webDoor(parts: PanelParts): Door {
  // Read from the disk once, because anybody may send an address that is none.
  let texts: Texts | undefined
  return {
    mount: (app, context) => mount(app, context, parts),
    early: {
      below: ['/app/api/', '/panel/api/'],
      refuse: (reply, error) =>
        void sendProblem({ texts: (texts ??= loadTexts()) }, reply.request, reply, error),
    },
  }
}
