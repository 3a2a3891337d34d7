import { bad } from '../errors.ts'
import { isObj, json, str, userId, type Obj } from '../params.ts'
import type { Method } from './call.ts'

const ELEMENTS =
  `personal_details passport driver_license identity_card internal_passport address utility_bill
  bank_statement rental_agreement passport_registration temporary_registration phone_number email`.split(
    /\s+/,
  )
/** By the source of an error: which hash it names. */
const HASHES: Record<string, string> = {
  '': 'element_hash',
  unspecified: 'element_hash',
  data: 'data_hash',
  file: 'file_hash',
  selfie: 'file_hash',
  translation_file: 'file_hash',
  front_side: 'file_hash',
  reverse_side: 'file_hash',
  files: 'file_hashes',
  translation_files: 'file_hashes',
}

/** One error as the server reads it ("telegram-bot-api", get_passport_element_error). @throws bad */
function checkError(error: unknown): void {
  const fail = (why: string) => bad(`can't parse PassportElementError: ${why}`)
  if (!isObj(error)) throw fail('expected an Object')
  const need = (field: string) => {
    if (error[field] === undefined) throw fail(`Can't find field "${field}"`)
  }
  need('type')
  if (!ELEMENTS.includes(str(error['type']))) throw fail('wrong Telegram Passport element type specified')
  need('message')
  const field = HASHES[str(error['source'])]
  if (!field) throw fail('wrong source specified')
  need(field)
  if (error['source'] === 'data') need('field_name')
  const hashes = field === 'file_hashes' ? error[field] : [error[field]]
  if (!Array.isArray(hashes)) throw fail(`Field "${field}" must be of type Array`)
  for (const hash of hashes as unknown[])
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(str(hash)))
      throw fail("hash isn't a valid base64-encoded string")
}

/** Tells somebody what is wrong with the passport that they sent. */
const setPassportDataErrors: Method = ({ world, bot, p }) => {
  const person = userId(p)
  const errors = json(p, 'errors', 'errors')
  if (errors === undefined) throw bad("can't parse errors JSON object")
  if (!Array.isArray(errors)) throw bad('expected an Array of PassportElementError')
  for (const error of errors as unknown[]) checkError(error)
  if (!world.people.has(person)) throw bad('user not found')
  const sent = [...(bot.boxes.get(person)?.messages.values() ?? [])].flatMap(
    ({ api }) => (api['passport_data'] as { data: Obj[] } | undefined)?.data ?? [],
  )
  if (sent.length === 0) throw bad('USER_ID_INVALID')
  return true
}

export const passport: Record<string, Method> = { setPassportDataErrors }
