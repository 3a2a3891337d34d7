import { businessOf, checkBusinessRight, ruledBusiness, type Business } from '../business.ts'
import { bad } from '../errors.ts'
import { fileOf } from '../files.ts'
import { formatted } from '../format.ts'
import { bool, int, isObj, json, required, str, text, type Obj } from '../params.ts'
import { chatOfPerson, seconds, type Person } from '../store.ts'
import type { Call, Method } from './call.ts'

/** "Bot API", postStory. */
const PERIODS_S = [6 * 3600, 12 * 3600, 86_400, 2 * 86_400]
const LONGEST_CAPTION = 2048
const MOST_AREAS = 10

export interface Story {
  id: number
  content: Obj
  caption?: string
  areas: Obj[]
  expires: number
  onPage: boolean
  isProtected: boolean
  /** The story that this one shows again, by its owner and its id. */
  from?: { chat: number; id: number }
}

const storyView = (owner: Person, { id }: Story): Obj => ({ chat: chatOfPerson(owner), id })

async function contentOf({ world, bot, p }: Call): Promise<Obj> {
  if ((text(p, 'content') ?? '') === '') throw bad("story content isn't specified")
  const content = json(p, 'content', 'story content')
  if (!isObj(content)) throw bad('object expected as story content')
  const type = str(content['type'])
  if (type !== 'photo' && type !== 'video') throw bad('invalid story content type specified')
  const name = str(content[type])
  if (!name.startsWith('attach://') || !p.files.has(name.slice('attach://'.length)))
    throw bad(`story ${type} must be uploaded as a file`)
  const file = await fileOf(world, bot, p, type, type, name)
  return { type, file_id: file.id }
}

function wordsOf({ world, p }: Call): { caption?: string; areas: Obj[] } {
  const areas = json(p, 'areas', 'areas') ?? []
  if (!Array.isArray(areas)) throw bad('expected an Array of story areas')
  if (areas.length > MOST_AREAS) throw bad('MEDIA_AREAS_TOO_MUCH')
  const given = json(p, 'caption_entities', 'caption entities')
  const { text: caption } = formatted(world, text(p, 'caption') ?? '', text(p, 'parse_mode') ?? '', given)
  if (caption.length > LONGEST_CAPTION) throw bad('MEDIA_CAPTION_TOO_LONG')
  return { ...(caption !== '' && { caption }), areas: areas.filter(isObj) }
}

function put({ world, p }: Call, { owner }: Business, story: Pick<Story, 'content' | 'areas' | 'from'>): Obj {
  const period = int(p, 'active_period')
  if (!PERIODS_S.includes(period)) throw bad('STORY_PERIOD_INVALID')
  const stories = (owner.stories ??= new Map())
  const made: Story = {
    id: Math.max(0, ...stories.keys()) + 1,
    expires: seconds(world) + period,
    onPage: bool(p, 'post_to_chat_page'),
    isProtected: bool(p, 'protect_content'),
    ...story,
  }
  stories.set(made.id, made)
  return storyView(owner, made)
}

const postStory: Method = async (call) => {
  const content = await contentOf(call)
  const words = wordsOf(call)
  return put(call, ruledBusiness(call.world, call.bot, call.p, 'can_manage_stories'), { content, ...words })
}

function storyOf(owner: Person, id: number): Story {
  const story = owner.stories?.get(id)
  if (!story) throw bad('STORY_ID_INVALID')
  return story
}

/** Both accounts must be managed by the bot, and the story have been posted by it ("Bot API", repostStory). */
const repostStory: Method = (call) => {
  const { world, bot, p } = call
  const business = ruledBusiness(world, bot, p, 'can_manage_stories')
  const from = int(p, 'from_chat_id')
  const source = [...world.businesses.values()].find((one) => one.botId === bot.id && one.owner.id === from)
  if (!source) throw bad("can't access the story to repost")
  checkBusinessRight(source, 'can_manage_stories')
  const { id, content, areas, caption } = storyOf(source.owner, int(p, 'from_story_id'))
  return put(call, business, { content, areas, ...(caption && { caption }), from: { chat: from, id } })
}

const editStory: Method = async (call) => {
  const { world, bot, p } = call
  const content = await contentOf(call)
  const words = wordsOf(call)
  const { owner } = ruledBusiness(world, bot, p, 'can_manage_stories')
  const story = storyOf(owner, int(p, 'story_id'))
  delete story.caption
  return storyView(owner, Object.assign(story, { content, ...words }))
}

const deleteStory: Method = ({ world, bot, p }) => {
  const business = businessOf(world, bot, p)
  if (Number(required(p, 'story_id')) <= 0) throw bad('invalid story identifier specified')
  checkBusinessRight(business, 'can_manage_stories')
  const { id } = storyOf(business.owner, int(p, 'story_id'))
  business.owner.stories?.delete(id)
  return true
}

export const stories: Record<string, Method> = { postStory, repostStory, editStory, deleteStory }
