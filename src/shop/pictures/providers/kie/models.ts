import type { Drawing, PictureModel } from '../port.ts'

/** A model of KIE AI with its name there and the fields that only it has (docs.kie.ai, market). */
export interface KieModel extends PictureModel {
  remoteName: string
  /** The model's other name for requests with a photo, where KIE AI has split the model in two. */
  remoteNameWithPhotos?: string
  fields(drawing: Drawing, photoUrls: string[]): Record<string, unknown>
}

const COMMON = ['1:1', '3:4', '4:3', '9:16', '16:9', '2:3', '3:2', '21:9']

export const KIE_MODELS: readonly KieModel[] = [
  {
    id: 'nano-2',
    title: 'Nano Banana 2',
    tokens: 2n,
    aspects: COMMON,
    promptLimit: 20_000,
    photoLimit: 14,
    usualSeconds: 25,
    remoteName: 'nano-banana-2',
    fields: ({ prompt, aspect }, photoUrls) => ({
      prompt,
      aspect_ratio: aspect,
      resolution: '1K',
      output_format: 'png',
      ...(photoUrls.length > 0 ? { image_input: photoUrls } : {}),
    }),
  },
  {
    id: 'nano-pro',
    title: 'Nano Banana Pro',
    tokens: 4n,
    aspects: COMMON,
    promptLimit: 10_000,
    photoLimit: 8,
    usualSeconds: 45,
    remoteName: 'nano-banana-pro',
    fields: ({ prompt, aspect }, photoUrls) => ({
      prompt,
      aspect_ratio: aspect,
      resolution: '2K',
      output_format: 'png',
      ...(photoUrls.length > 0 ? { image_input: photoUrls } : {}),
    }),
  },
  {
    id: 'seedream',
    title: 'Seedream 4.5',
    tokens: 2n,
    aspects: COMMON,
    promptLimit: 3000,
    photoLimit: 0,
    usualSeconds: 30,
    remoteName: 'seedream/4.5-text-to-image',
    fields: ({ prompt, aspect }) => ({ prompt, aspect_ratio: aspect, quality: 'basic' }),
  },
  {
    id: 'flux-2',
    title: 'Flux 2 Pro',
    tokens: 2n,
    aspects: ['1:1', '3:4', '4:3', '9:16', '16:9', '2:3', '3:2'],
    promptLimit: 5000,
    photoLimit: 0,
    usualSeconds: 30,
    remoteName: 'flux-2/pro-text-to-image',
    fields: ({ prompt, aspect }) => ({ prompt, aspect_ratio: aspect, resolution: '1K' }),
  },
  {
    id: 'gpt-2',
    title: 'GPT Image 2',
    tokens: 3n,
    aspects: ['1:1', '3:4', '4:3', '9:16', '16:9'],
    promptLimit: 20_000,
    photoLimit: 0,
    usualSeconds: 60,
    remoteName: 'gpt-image-2-text-to-image',
    // At 4K KIE AI refuses 1:1, and "auto" exists at 1K only. 1K is the resolution that every aspect ratio has.
    fields: ({ prompt, aspect }) => ({ prompt, aspect_ratio: aspect, resolution: '1K' }),
  },
  {
    id: 'grok',
    title: 'Grok Imagine',
    tokens: 2n,
    aspects: ['1:1', '2:3', '3:2', '9:16', '16:9'],
    promptLimit: 5000,
    photoLimit: 0,
    usualSeconds: 20,
    remoteName: 'grok-imagine/text-to-image',
    fields: ({ prompt, aspect }) => ({ prompt, aspect_ratio: aspect, mode: 'normal' }),
  },
  {
    id: 'z-image',
    title: 'Z-Image',
    tokens: 1n,
    aspects: ['1:1', '3:4', '4:3', '9:16', '16:9'],
    promptLimit: 1000,
    photoLimit: 0,
    usualSeconds: 10,
    remoteName: 'z-image',
    fields: ({ prompt, aspect }) => ({ prompt, aspect_ratio: aspect }),
  },
]
