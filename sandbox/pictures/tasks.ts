import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { Clock } from '@telekassa/telegram-sandbox/lib/clock'

/** What becomes of a task. Each time is in ms from the step before. */
export interface Fate {
  waitMs: number
  queueMs: number
  drawMs: number
  end: 'success' | 'fail' | 'never'
  failCode: string
  failMessage: string
  file:
    | 'drawn'
    | 'plain'
    | 'oversize'
    | 'bomb'
    | 'html'
    | 'endless'
    | 'gone'
    | 'private-redirect'
    | 'private-address'
  /** How many times the callback is sent; 0 means that it never comes. */
  callbacks: number
  callbackDelayMs: number
  /** For how long the file can be fetched. */
  fileLifeMs: number
  /** How late the start and the file are answered, although the work is done at once. */
  replyDelayMs: number
  fileDelayMs: number
  /** How many times the file is late before it comes at once. */
  fileDelays: number
  /** True if the work is started but the reply never comes. */
  loseReply: boolean
}

export interface Task {
  id: string
  at: number
  model: string
  prompt: string
  input: Record<string, unknown>
  callbackUrl?: string
  cost: number
  fate: Fate
}

export type Stage = 'waiting' | 'queuing' | 'generating' | 'success' | 'fail'

/** Settings of the tasks that every asynchronous picture API shares. */
export interface TaskSettings {
  fate: Partial<Fate>
  /**
   * Fates by a word: the first whose `prompt` occurs in the prompt of a task changes its fate, so a test says in
   * the prompt what shall happen.
   */
  fates: ({ prompt: string } & Partial<Fate>)[]
}

export const USUAL_FATE: Fate = {
  waitMs: 1200,
  queueMs: 800,
  drawMs: 5000,
  end: 'success',
  failCode: '501',
  failMessage: 'Generation failed',
  file: 'drawn',
  callbacks: 1,
  callbackDelayMs: 0,
  fileLifeMs: 14 * 24 * 3600 * 1000,
  replyDelayMs: 0,
  fileDelayMs: 0,
  fileDelays: 1000,
  loseReply: false,
}

/**
 * Tasks go through their stages by the clock, and `finished` is called once, when the task has ended.
 * @param file a line for each task, so that tasks go on after a restart
 */
export function createTasks(
  clock: Clock,
  settings: TaskSettings,
  usual: Fate,
  finished: (task: Task) => void,
  file?: string,
) {
  let tasks = new Map<string, Task>()

  const age = (task: Task) => clock.now() - task.at
  const duration = ({ fate }: Task) => fate.waitMs + fate.queueMs + fate.drawMs

  function stage(task: Task): Stage {
    const { fate } = task
    if (age(task) < fate.waitMs) return 'waiting'
    if (age(task) < fate.waitMs + fate.queueMs) return 'queuing'
    if (fate.end === 'never' || age(task) < duration(task)) return 'generating'
    return fate.end
  }

  const watch = (task: Task) => {
    if (task.fate.end !== 'never' && age(task) < duration(task))
      clock.after(duration(task) - age(task), () => finished(task))
  }
  for (const line of file && existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
    // The last line may be half written after a kill.
    if (!line.endsWith('}')) continue
    const task = JSON.parse(line) as Task
    tasks.set(task.id, task)
    watch(task)
  }

  return {
    stage,
    all: () => [...tasks.values()].map((task) => ({ ...task, stage: stage(task) })),
    get: (id: string) => tasks.get(id),
    fileIsThere: (task: Task) =>
      stage(task) === 'success' && age(task) < duration(task) + task.fate.fileLifeMs,
    finishedAt: (task: Task) => task.at + duration(task),
    start(task: Omit<Task, 'at' | 'fate'>): Task {
      const special = settings.fates.find(({ prompt }) => task.prompt.includes(prompt))
      const { prompt: _, ...changes } = special ?? { prompt: '' }
      const started = { ...task, at: clock.now(), fate: { ...usual, ...settings.fate, ...changes } }
      tasks.set(started.id, started)
      if (file) appendFileSync(file, `${JSON.stringify(started)}\n`)
      watch(started)
      return started
    },
    clear: () => {
      tasks = new Map()
    },
  }
}

/**
 * Takes at most `tasks` starts in any window of `perMs`; a start beyond that is refused and not counted. 0 for no
 * limit.
 */
export function createStartLimit(clock: Clock, limit: () => { tasks: number; perMs: number }) {
  let starts: number[] = []
  return {
    take(): boolean {
      const { tasks, perMs } = limit()
      starts = starts.filter((at) => at > clock.now() - perMs)
      if (tasks > 0 && starts.length >= tasks) return false
      starts.push(clock.now())
      return true
    },
    clear: () => {
      starts = []
    },
  }
}
