import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { Rejected } from '#shared/errors.ts'
import type { PictureProvider, TaskState } from '../port.ts'
import { drawDemo } from './draw.ts'
import { shorten } from '#shared/storable.ts'

const ASPECTS = ['1:1', '3:4', '4:3', '9:16', '16:9']
const SIZES: Record<string, [number, number]> = {
  '1:1': [1024, 1024],
  '3:4': [960, 1280],
  '4:3': [1280, 960],
  '9:16': [864, 1536],
  '16:9': [1536, 864],
}

/** The drawn picture shows only so many characters of the prompt, so the task's id holds no more. */
const SHOWN_PROMPT = 240
const QUEUED_MS = 1500
const DRAWING_MS = 4500

const Task = z.tuple([z.number(), z.string(), z.string(), z.string()])

/**
 * Draws on this machine and writes "demo" on the picture. The task's id holds the whole task, so it survives a
 * restart, and any worker can finish what another worker began. The drawing takes a few seconds on purpose, so that
 * people see the stages.
 */
export function demo(
  options: { queuedMs?: number; drawingMs?: number; now?: () => number } = {},
): PictureProvider {
  const queuedMs = options.queuedMs ?? QUEUED_MS
  const drawingMs = options.drawingMs ?? DRAWING_MS
  const now = options.now ?? Date.now
  return {
    name: 'demo',
    remembersTasks: true,
    startLimit: { tasks: 50, perMs: 10_000 },
    models: [
      {
        id: 'demo',
        title: 'Demo',
        tokens: 1n,
        aspects: ASPECTS,
        promptLimit: 2000,
        photoLimit: 0,
        usualSeconds: 6,
      },
    ],

    generate({ prompt, aspect }) {
      const task = [now(), randomBytes(6).toString('hex'), aspect, shorten(prompt, SHOWN_PROMPT)]
      const taskId = Buffer.from(JSON.stringify(task)).toString('base64url')
      return Promise.resolve({ taskId, task: { state: 'queued' } as TaskState })
    },

    lookup(taskId) {
      const task = readTask(taskId)
      if (!task) return Promise.reject(new Rejected('image.unknown-task', 'not a task of the demo generator'))
      const [startedAt, seed, aspect, prompt] = task
      const elapsedMs = now() - startedAt
      if (elapsedMs < queuedMs) return Promise.resolve({ state: 'queued' })
      if (elapsedMs < queuedMs + drawingMs) return Promise.resolve({ state: 'drawing' })
      const [width, height] = SIZES[aspect] ?? [1024, 1024]
      const bytes = drawDemo({ prompt, seed, width, height })
      return Promise.resolve({ state: 'ready', results: [{ bytes, type: 'image/jpeg' }] })
    },

    parseWebhook() {
      throw new Rejected('webhook.signature', 'the demo generator sends no callbacks')
    },
    credits: () => Promise.resolve(undefined),
  }
}

function readTask(taskId: string) {
  try {
    return Task.parse(JSON.parse(Buffer.from(taskId, 'base64url').toString('utf8')))
  } catch {
    return undefined
  }
}
