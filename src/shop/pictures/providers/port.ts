/** The one shape that every image provider is brought to. Pictures travel as bytes or as addresses, never as base64. */

export type PictureType = 'image/png' | 'image/jpeg' | 'image/webp'

export interface PictureBytes {
  bytes: Buffer
  type: PictureType
}

export interface PictureModel {
  /** Ours, short enough for a button's data: `nano-2`. */
  id: string
  title: string
  /** Price of one picture in tokens before an admin changes it. */
  tokens: bigint
  /** Width to height; the first one is preselected. */
  aspects: readonly string[]
  /** Longest prompt in characters. */
  promptLimit: number
  /** How many photos of the person it takes as input; 0 = none. */
  photoLimit: number
  /** What a picture usually takes, in seconds; the bar and the expected time are made of it. */
  usualSeconds: number
}

/** A request that has already been checked against its model's limits. */
export interface Drawing {
  modelId: string
  prompt: string
  aspect: string
  photos: readonly PictureBytes[]
  /** Where the provider may say that it has finished. It carries our unguessable token for this order. */
  callbackUrl?: string
}

export type FailureReason =
  'image.refused' | 'image.invalid' | 'image.failed' | 'image.no-credits' | 'image.unavailable'

export type TaskState =
  | { state: 'queued' }
  | { state: 'drawing' }
  | { state: 'ready'; results: readonly ({ url: string } | PictureBytes)[] }
  | { state: 'failed'; reason: FailureReason; message: string }

export interface PictureProvider {
  name: string
  models: readonly PictureModel[]
  /** False where a task cannot be asked about later: a lost reply then stays lost. */
  remembersTasks: boolean
  /** New tasks that the account may start, shared by everybody who uses the key. */
  startLimit: { tasks: number; perMs: number }
  /**
   * Starts a task, which costs credits each time it is called: no provider takes an idempotency key.
   * @throws Rejected with a FailureReason, Transient (nothing was started), UnknownOutcome (it may have been)
   */
  generate(drawing: Drawing): Promise<{ taskId: string; task: TaskState }>
  /** @throws Transient, or Rejected `image.unknown-task` */
  lookup(taskId: string): Promise<TaskState>
  /**
   * Reads which task a callback speaks of. It is a reason to look the task up, never a statement about it.
   * @throws Rejected `webhook.signature` or `webhook.body`
   */
  parseWebhook(raw: Buffer, headers: Headers): { taskId: string }
  /** What is left on the account in the provider's own unit; undefined where it cannot be asked. */
  credits(): Promise<number | undefined>
}

/** Lower-case header names, as Node gives them. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>

/** The settings of all providers by variable, as the operator wrote them; an empty one is absent. */
export type PictureVariables = Readonly<Record<string, string | undefined>>

/** How a provider comes to be: which variables it reads and what is made of them. */
export interface PictureProviderEntry {
  name: string
  /** The provider is on when all of these are set. */
  required: readonly string[]
  /** Names that end in `_URL` are checked to be addresses. */
  optional: readonly string[]
  /** The variable with the host of its results: one on this machine, in the sandbox, may be fetched from over http. */
  resultsAt?: string
  /** @param startRate new tasks in 10 s that the operator's account may start */
  build(settings: PictureVariables, startRate: number): PictureProvider
}
