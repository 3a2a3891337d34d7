import type { Feature } from '#workers/bot/feature.ts'
import { answers } from './answers.ts'
import { answersInGroup } from './answers-in-group.ts'
import { questions } from './questions.ts'
import { support } from './support.ts'

/** The screens on which people and admins write to each other. */
export const supportFeatures: readonly Feature[] = [support, answers, answersInGroup, questions]
