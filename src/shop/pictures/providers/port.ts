/**
 * The interface that every provider of pictures is adapted to. Pictures travel as bytes or as addresses, never as
 * base64.
 */

export type PictureType = 'image/png' | 'image/jpeg' | 'image/webp'

export interface PictureBytes {
  bytes: Buffer
  type: PictureType
}

export interface PictureModel {
  /** Our own id, short enough for a button's data: `nano-2`. */
  id: string
  title: string
  /** Price of one picture in tokens before an admin changes it. */
  tokens: bigint
  /** Aspect ratios, width to height. The first one is preselected. */
  aspects: readonly string[]
  /** Longest prompt that the model takes, in characters. */
  promptLimit: number
  /** Photos of the person that the model takes as input; 0 = none. */
  photoLimit: number
  /** Seconds that a picture usually takes. The progress bar and the expected time come from this number. */
  usualSeconds: number
}

/** A request whose values were checked against the limits of its model. */
export interface Drawing {
  modelId: string
  prompt: string
  aspect: string
  photos: readonly PictureBytes[]
  /**
   * The address that the provider calls when it has finished. It holds the token of this attempt, which nobody can
   * guess.
   */
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
  /** Where its API is: whatever answers there says that the provider can be reached from here. Absent = in this process. */
  address?: string
  models: readonly PictureModel[]
  /** False = the provider cannot be asked about a task later, so a lost reply stays lost. */
  remembersTasks: boolean
  /** New tasks that the account may start, counted over everybody who uses the key. */
  startLimit: { tasks: number; perMs: number }
  /**
   * Starts a task, which costs credits each time it is called: no provider takes an idempotency key.
   * @throws Rejected with a FailureReason, Transient (nothing was started), UnknownOutcome (it may have been)
   */
  generate(drawing: Drawing): Promise<{ taskId: string; task: TaskState }>
  /** @throws Transient, or Rejected `image.unknown-task` */
  lookup(taskId: string): Promise<TaskState>
  /**
   * Reads which task a callback is about. The callback is only a reason to look the task up; what it says is not
   * believed.
   * @throws Rejected `webhook.signature` or `webhook.body`
   */
  parseWebhook(raw: Buffer, headers: Headers): { taskId: string }
  /** Credits left on the account, in the provider's own unit. Undefined where the provider does not tell. */
  credits(): Promise<number | undefined>
}

/** Headers by lower-case name, as Node gives them. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>

/** The variables of all providers with the values that the operator set. An empty value is absent. */
export type PictureVariables = Readonly<Record<string, string | undefined>>

/** How a provider is built, and from which variables. */
export interface PictureProviderEntry {
  name: string
  /** The provider is on when all of these are set. */
  required: readonly string[]
  /** Variables that may be missing. Those that end in `_URL` are checked to be addresses. */
  optional: readonly string[]
  /**
   * The variable with the host of the provider's results. Results from a host on this machine, as in the sandbox,
   * may come over http.
   */
  resultsAt?: string
  /** @param startRate new tasks in 10 s that the operator's account may start */
  build(settings: PictureVariables, startRate: number): PictureProvider
}
