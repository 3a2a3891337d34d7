import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkAct } from '#shared/acts.ts'
import type { Acts } from '#shared/acts.ts'
import { cameBy } from '#shared/audit.ts'
import { tellChange } from '#shared/changes.ts'
import { UserError } from '#shared/errors.ts'
import { sealTyped } from '#shared/telegram/sealed.ts'
import { allows } from '#shared/roles.ts'
import { storableJson } from '#shared/storable.ts'
import { bodyOf, checked, fileOf, sendFile, sendProblem } from '../answering.ts'
import { WebFile } from '../route.ts'
import { SESSION_KEY } from '../hash.ts'
import type { createStreams } from '../streams.ts'
import type { Uploads } from '../uploads.ts'
import type { WebApp } from '../visitor.ts'
import { COOKIE, createPanelkeeper, mustBeOurs } from './admin.ts'
import type { PanelAdmin } from './admin.ts'
import { createFiles, Streamed } from './csv.ts'
import type { PanelRoute } from './route.ts'
import { panelRoutes } from './routes.ts'
import { openPanel, PANEL_HOURS } from './sessions.ts'

/** What the panel shows of all rooms; the rooms are passed in, because this room does not know them. */
export interface PanelParts extends Pick<PanelAdmin, 'settingGroups' | 'attention'> {
  acts: Acts
}

/** Bytes; the largest bodies are the text of a mailing and a thousand ids. */
const BODY_LIMIT = 64 * 1024

const opening = z.object({ code: z.string().regex(SESSION_KEY), key: z.string().regex(SESSION_KEY) })

/** `/panel/api/...`: the owners' panel. Each request is an act of the bot's admin screens. */
export function mountPanel(
  scope: FastifyInstance,
  web: WebApp,
  { acts, ...parts }: PanelParts & Pick<PanelAdmin, 'kick'>,
  { streams, uploads }: { streams: ReturnType<typeof createStreams>; uploads: Uploads },
): void {
  const keeper = createPanelkeeper(web, parts)
  const files = createFiles(web.log)
  scope.addHook('preClose', async () => files.stop())

  scope.post('/panel/api/session', { bodyLimit: BODY_LIMIT }, async (request, reply) => {
    mustBeOurs(request)
    const { code, key } = checked(opening, bodyOf(request))
    await openPanel(web, { code, key, browser: request.headers['user-agent'] ?? '' })
    keeper.opened(key)
    const life = `Max-Age=${PANEL_HOURS * 3600}`
    void reply.header('set-cookie', `${COOKIE}=${key}; Path=/; Secure; HttpOnly; SameSite=Strict; ${life}`)
    return { ok: true }
  })
  scope.get('/panel/api/events', async (request, reply) => {
    const { personId } = await keeper.admit(request)
    streams.open(personId, reply, { ofAll: true })
  })
  const admitted = new WeakMap<FastifyRequest, PanelAdmin>()
  for (const route of panelRoutes) {
    const { upload } = route
    scope.route({
      method: route.method,
      url: `/panel/api${route.path}`,
      bodyLimit: upload ?? BODY_LIMIT,
      // An upload is read only after it is known who sends it.
      ...(upload && {
        onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
          const admin = await keeper.admit(request)
          if (!allows(admin.role, route.minimum)) throw new UserError('admin.role')
          if (route.confirmed && !admin.isConfirmed) throw new UserError('panel.confirm')
          await uploads.begin(admin.personId, request, reply, upload)
          admitted.set(request, admin)
        },
      }),
      handler: async (request, reply) => {
        const admin = admitted.get(request) ?? (await keeper.admit(request))
        try {
          const done = await cameBy('panel', () => answer(acts, route, admin, request))
          if (done instanceof WebFile) return await sendFile(reply, done)
          if (!(done instanceof Streamed)) return await reply.send(done)
          return await reply.type('text/csv; charset=utf-8').send(files.stream(admin.personId, done.lines))
        } catch (error) {
          return await sendProblem(web, request, reply, error, admin)
        }
      },
    })
  }
  const unknown = (request: FastifyRequest, reply: FastifyReply) =>
    sendProblem(web, request, reply, new UserError('web.unknown'))
  scope.all('/panel/api/*', unknown)
}

async function answer(
  acts: Acts,
  route: PanelRoute,
  admin: PanelAdmin,
  request: FastifyRequest,
): Promise<unknown> {
  if (!allows(admin.role, route.minimum)) throw new UserError('admin.role')
  const params = storableJson(request.params as Record<string, string>)
  const bytes = route.upload ? fileOf(request) : undefined
  const typed = { ...storableJson(request.query as object), ...(bytes ? {} : bodyOf(request)) }
  const given = { ...(route.secret ? typed : sealTyped(admin.app.secrets, typed)), ...params }
  const input = route.input && checked(route.input, given)
  // The id in the address takes the place that the bot's key has for it among its arguments.
  const { id = '' } = params
  await checkAct(admin, acts[route.as], route.minimum, [id, id])
  if (route.confirmed && !admin.isConfirmed) throw new UserError('panel.confirm')
  const done = await route.run(admin, input, bytes)
  if (route.method === 'POST' && !route.looks) {
    admin.kick()
    await tellChange(admin.app.db, admin.personId)
  }
  return done
}
