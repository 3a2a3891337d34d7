/** The input that createTask accepts for each model, as the pages of docs.kie.ai list it. */
interface Fields {
  promptLimit: number
  required: string[]
  /** The allowed values; null if every value is allowed. */
  allowed: Record<string, readonly string[] | null>
  photos?: { field: string; most: number }
}

const WIDE = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9', 'auto']
const SOME = ['1:1', '4:3', '3:4', '16:9', '9:16', '2:3', '3:2', '21:9']
const RESOLUTIONS = ['1K', '2K', '4K']

const MODELS: Record<string, Fields> = {
  'google/nano-banana': {
    promptLimit: 5000,
    required: ['prompt'],
    allowed: { image_size: WIDE, output_format: ['png', 'jpeg'] },
  },
  'nano-banana-2': {
    promptLimit: 20_000,
    required: ['prompt'],
    allowed: {
      aspect_ratio: [...WIDE, '1:4', '1:8', '4:1', '8:1'],
      resolution: RESOLUTIONS,
      output_format: ['jpg', 'png'],
      google_search: null,
    },
    photos: { field: 'image_input', most: 14 },
  },
  'nano-banana-pro': {
    promptLimit: 10_000,
    required: ['prompt'],
    allowed: { aspect_ratio: WIDE, resolution: RESOLUTIONS, output_format: ['jpg', 'png'] },
    photos: { field: 'image_input', most: 8 },
  },
  'seedream/4.5-text-to-image': {
    promptLimit: 3000,
    required: ['prompt', 'aspect_ratio', 'quality'],
    allowed: { aspect_ratio: SOME, quality: ['basic', 'high'] },
  },
  'flux-2/pro-text-to-image': {
    promptLimit: 5000,
    required: ['prompt', 'aspect_ratio', 'resolution'],
    allowed: { aspect_ratio: [...SOME, 'auto'], resolution: ['1K', '2K'] },
  },
  'gpt-image-2-text-to-image': {
    promptLimit: 20_000,
    required: ['prompt'],
    allowed: { aspect_ratio: ['auto', '1:1', '9:16', '16:9', '4:3', '3:4'], resolution: RESOLUTIONS },
  },
  'grok-imagine/text-to-image': {
    promptLimit: 5000,
    required: ['prompt'],
    allowed: { aspect_ratio: ['2:3', '3:2', '1:1', '9:16', '16:9'], mode: ['normal', 'fun', 'spicy'] },
  },
  'z-image': {
    promptLimit: 1000,
    required: ['prompt', 'aspect_ratio'],
    allowed: { aspect_ratio: ['1:1', '4:3', '3:4', '16:9', '9:16'] },
  },
}

/** Why this input is refused with 422; undefined if it is accepted. */
export function problemOf(model: string, input: Record<string, unknown>): string | undefined {
  const fields = MODELS[model]
  if (!fields) return `The model name you specified is not supported: ${model}`
  for (const name of fields.required) if (!input[name]) return `${name} is required`
  if (String(input.prompt).length > fields.promptLimit) {
    return `prompt exceeds ${fields.promptLimit} characters`
  }
  for (const [name, value] of Object.entries(input)) {
    if (name === 'prompt') continue
    if (name === fields.photos?.field) {
      if (!Array.isArray(value) || value.length > fields.photos.most)
        return `${name} takes ${fields.photos.most}`
      continue
    }
    if (!(name in fields.allowed)) return `${name} is not a field of ${model}`
    const values = fields.allowed[name]
    if (values && !values.includes(String(value))) return `${name} is not within the range of allowed options`
  }
  if (model === 'gpt-image-2-text-to-image' && input.aspect_ratio === '1:1' && input.resolution === '4K') {
    return '4K is not available for 1:1'
  }
  return undefined
}
