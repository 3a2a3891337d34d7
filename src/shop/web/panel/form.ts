import { createHash } from 'node:crypto'
import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import type { Role } from '#shared/roles.ts'
import { shorten } from '#shared/storable.ts'
import { draft } from '../route.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { panelRoute } from './route.ts'
import type { PanelRoute } from './route.ts'

/** The kind of a field. Every value comes as text and is read by the function that reads a typed line of the chat. */
export interface Field {
  name: string
  /**
   * `kept` is not shown and comes back unchanged, for example the number of people that the page showed when somebody
   * agreed.
   */
  kind: 'line' | 'long' | 'choice' | 'day' | 'kept'
  value?: string
  options?: [value: string, title: string][]
  hint?: string
  /** The field is shown and sent only while another field has one of these values. */
  when?: { field: string; is: string[] }
}

export type Given = Readonly<Record<string, string>>

interface PanelForm {
  /** The address below /panel/api; it contains `:id` if the form is about an existing thing. */
  at: string
  /** The act of the bot that accepts the same data. */
  as: string
  minimum: Role
  /** The form moves money or changes what holds for others, so it needs a confirmation in the chat. */
  confirmed?: true
  /** The typed text is what somebody buys: it is encrypted only where it is stored. */
  secret?: true
  /** The text on the key that saves the form. */
  act: string
  /** The most characters of each field and of each part of the address. */
  names: Readonly<Record<string, number>>
  /** Fields that an address may fill in. */
  filledIn?: readonly string[]
  show(
    admin: PanelAdmin,
    given: Given,
  ): Promise<{ title: string; hint?: string; fields: Field[]; links?: [title: string, place: string][] }>
  /** Lines that say what the form would do. Data that would be refused at saving are refused here. */
  look(admin: PanelAdmin, given: Given): Promise<string[]>
  /** @param form an id that stays the same when the form is sent again, so that it acts once */
  save(
    admin: PanelAdmin,
    given: Given,
    form: string,
  ): Promise<{ said: string; opens: string; file?: { name: string; text: string } }>
}

const id = z.string().regex(/^[0-9a-z-]{1,32}$/)

/**
 * A form of the panel: its fields, a preview, and saving. The page can show any of them. All goes through the function
 * that also reads the bot's typed line, so limits, second admins and the journal are the same.
 */
export function panelForm(form: PanelForm): PanelRoute[] {
  const shape = {
    ...(form.at.includes('/:id') && { id }),
    ...Object.fromEntries(
      Object.entries(form.names).map(([name, most]) => [name, z.string().max(most).optional()]),
    ),
  }
  const route = { as: form.as, minimum: form.minimum, ...(form.secret && { secret: form.secret }) }
  const input = z.object(shape) as unknown as z.ZodType<Given>
  const isNamed = (name: string) => form.at.includes(`/:${name}`) || form.filledIn?.includes(name) === true
  const named = Object.fromEntries(Object.entries(shape).filter(([name]) => isNamed(name)))
  const known = async <T>(admin: PanelAdmin, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw inItsWords(admin, error)
    }
  }
  return [
    panelRoute({
      ...route,
      method: 'GET',
      path: form.at,
      input: z.object(named) as unknown as z.ZodType<Given>,
      async run(admin, given: Given) {
        const { title, hint, fields, links = [] } = await known(admin, () => form.show(admin, given))
        return {
          title: plain(title),
          hint: hint === undefined ? null : plain(hint),
          act: plain(admin.t(form.act)),
          fields: fields.map((field) => ({
            name: field.name,
            kind: field.kind,
            title: field.kind === 'kept' ? '' : plain(admin.t(`panel-field-${field.name}`)),
            value: field.value ?? '',
            options: field.options ?? [],
            hint: field.hint === undefined ? null : plain(field.hint),
            when: field.when ?? null,
          })),
          links: links.map(([text, place]) => ({ title: plain(text), place })),
        }
      },
    }) as PanelRoute,
    panelRoute({
      ...route,
      method: 'POST',
      path: `${form.at}/check`,
      looks: true,
      input,
      run: (admin, given: Given) =>
        known(admin, async () => ({ lines: (await form.look(admin, given)).map(plain) })),
    }) as PanelRoute,
    panelRoute({
      ...route,
      method: 'POST',
      path: `${form.at}/save`,
      ...(form.confirmed && { confirmed: form.confirmed }),
      input: z.object({ ...shape, form: draft }) as unknown as z.ZodType<Given & { form: string }>,
      run: (admin, { form: key, ...given }: Given & { form: string }) =>
        known(admin, async () => {
          const { said, ...rest } = await form.save(admin, given, key)
          return { said: plain(said), ...rest }
        }),
    }) as PanelRoute,
  ]
}

/** The rooms' error texts speak of a typed line; here the error names the field. */
function inItsWords({ t, texts, language }: PanelAdmin, error: unknown): unknown {
  if (!(error instanceof UserError)) return error
  const { code, params } = error
  if (code === 'item.line') return new UserError('panel.field', { field: plain(t('panel-field-more')) })
  if (code === 'plan.line' || (code === 'promo.line' && !params?.['what'])) return new UserError('panel.form')
  if (code === 'broadcast.started') return new UserError('panel.moved')
  if (code === 'promo.all-bots' || code === 'item.all-bots') return new UserError('panel.all-bots')
  const isOfRange = code === 'plan.range' || code === 'item.range'
  if (!isOfRange && !['plan.invalid', 'item.invalid', 'promo.line'].includes(code)) return error
  const names = String(params?.['what'] ?? '').split(', ')
  const titles = names.map((name) => {
    const key = `panel-field-${name}`
    return texts.has(language, key) ? plain(t(key)) : shorten(name, 60)
  })
  const field = titles.join(', ')
  return isOfRange
    ? new UserError('panel.range', { field, min: params['min']!, max: params['max']! })
    : new UserError('panel.field', { field })
}

/** The field of a form about an existing thing that says which values the form showed. */
export const seenField = (values: Readonly<Record<string, string>>): Field => ({
  name: 'print',
  kind: 'kept',
  value: shortNameOf(values),
})

/** The longest value of that field. */
export const SEEN_LENGTH = 20

function shortNameOf(values: Readonly<Record<string, string>>): string {
  const words = JSON.stringify(values)
  return createHash('sha256').update(words).digest('base64url').slice(0, 8)
}

/**
 * Nobody saves an old value over what somebody else has saved since the form was opened. A form that was sent again differs
 * in nothing, and does no harm.
 * @param now the values that the form would show now
 * @throws UserError `panel.changed`
 */
export function mustBeAsSeen(given: Given, now: Readonly<Record<string, string>>): void {
  const differs = Object.entries(now).some(([name, value]) => (given[name] ?? '').trim() !== value.trim())
  if (differs && given['print'] !== shortNameOf(now)) throw new UserError('panel.changed')
}

export const wrongField = ({ t }: PanelAdmin, name: string): UserError =>
  new UserError('panel.field', { field: plain(t(`panel-field-${name}`)) })

/** @throws UserError `panel.field` when the field is empty */
export function mustGive(admin: PanelAdmin, given: Given, name: string): string {
  const text = given[name]?.trim() ?? ''
  if (text === '') throw wrongField(admin, name)
  return text
}

export interface FormAnswer {
  title: string
  hint: string | null
  act: string
  fields: (Required<Pick<Field, 'name' | 'kind' | 'value' | 'options'>> & {
    title: string
    hint: string | null
    when: Field['when'] | null
  })[]
  links: { title: string; place: string }[]
}

export interface FormDone {
  said: string
  /** The page of the panel that shows the result. */
  opens: string
  /** Data that are handed out only once, such as new codes. */
  file?: { name: string; text: string }
}
