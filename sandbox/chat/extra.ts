import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Extra, Words } from '@telekassa/telegram-sandbox'
import { readBody, sendJson } from '@telekassa/telegram-sandbox/lib/http'
import { z } from 'zod'
import type { Mishap, Speed } from '../mishaps.ts'
import { pressStart } from './crowd.ts'
import { readProduct } from './product.ts'

/** A switch of the product that the page offers beside the faults, for example "stop the billing worker". */
export interface Control {
  id: string
  label: Words
  /** What a reader should see happen. */
  expected: Words
  /** @returns a text that the page shows */
  run(): Promise<{ text: Words } | void>
}

export interface ShopOnPage {
  /** The base URL of the Telegram simulator, which is known once the simulator runs. */
  telegramUrl: () => string
  /** The base URL of the product's gateway, whose /readyz and /metrics the page shows. */
  productUrl: string
  /** Usernames of the bots. */
  bots: readonly string[]
  controls: readonly Control[]
  /** The switches of the providers. */
  mishaps: readonly Mishap[]
  speed: Speed
}

type Answer = object | { status: number; error: string }
type Route = (body: unknown, id: string) => Promise<Answer> | Answer

const gone = (error: string) => ({ status: 404, error })

/** What the shop adds to the chat page of the simulated Telegram: a guide, its numbers, its switches. */
export function shopExtra(shop: ShopOnPage): Extra {
  const { controls, mishaps, speed, bots } = shop
  const crowd = z.object({ bot: z.enum(bots), count: z.int().min(1).max(5_000) })
  const routes: Record<string, Route> = {
    'GET mishaps': async () => {
      const states = await Promise.all(mishaps.map(async (one) => ({ id: one.id, on: await one.isOn() })))
      return { on: states.filter(({ on }) => on).map(({ id }) => id), speed: speed.get() }
    },
    'POST mishaps/': async (body, id) => {
      const mishap = mishaps.find((one) => one.id === id)
      if (!mishap) return gone('no such switch')
      await mishap.set(z.object({ on: z.boolean() }).parse(body).on)
      return { on: await mishap.isOn() }
    },
    'DELETE mishaps': async () => {
      for (const mishap of mishaps) if (await mishap.isOn()) await mishap.set(false)
      return { on: [] }
    },
    'POST speed': async (body) => {
      await speed.set(z.object({ factor: z.literal([1, 10]) }).parse(body).factor)
      return { speed: speed.get() }
    },
    'GET product': () => readProduct(shop.productUrl),
    'POST controls/': async (_body, id) => {
      const control = controls.find((one) => one.id === id)
      return control ? ((await control.run()) ?? {}) : gone('no such control')
    },
    'POST crowd': async (body) => {
      const { bot, count } = crowd.parse(body)
      await pressStart(shop.telegramUrl(), bot, count)
      return { started: count }
    },
  }
  return {
    root: join(import.meta.dirname, 'extra'),
    config: () => ({
      controls: controls.map(({ id, label, expected }) => ({ id, label, expected })),
      mishaps: mishaps.map(({ id, group, title, expected }) => ({ id, group, title, expected })),
    }),
    async handle(request, response, path) {
      const [, name = '', id = ''] = /^(\w+(?:\/(?=.))?)(.*)$/.exec(path) ?? []
      const route = routes[`${request.method} ${name}`]
      if (route) await answer(request, response, (body) => route(body, id))
      return route !== undefined
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  route: (body: unknown) => Promise<Answer> | Answer,
): Promise<void> {
  try {
    const bytes = await readBody(request)
    const said = await route(bytes.length > 0 ? JSON.parse(bytes.toString('utf8')) : {})
    sendJson(response, 'status' in said ? said.status : 200, said)
  } catch (error) {
    const isInput = error instanceof z.ZodError || error instanceof SyntaxError
    sendJson(response, isInput ? 400 : 502, {
      error: error instanceof z.ZodError ? z.prettifyError(error) : String(error),
    })
  }
}
