/** A text in both languages of the page. */
export interface Words {
  en: string
  ru: string
}

/** A person whom the reader at the screen can be. */
export interface Persona {
  /** The part that the person plays. Several people may have one part, one for each language. */
  key: string
  id: number
  first_name: string
  username?: string
  language_code: 'ru' | 'en'
  label: Words
  hint: Words
  admin?: boolean
  /** Play Stars in the purse; undefined = they never run out. */
  stars?: number
}

/** The people whom the page offers if nobody gives others. */
export const personas: readonly Persona[] = [
  {
    key: 'anna',
    id: 1001,
    first_name: 'Anna',
    username: 'anna_en',
    language_code: 'en',
    label: { en: 'Anna', ru: 'Anna' },
    hint: { en: 'speaks English', ru: 'говорит по-английски' },
  },
  {
    key: 'anna',
    id: 1002,
    first_name: 'Аня',
    username: 'anya_ru',
    language_code: 'ru',
    label: { en: 'Аня', ru: 'Аня' },
    hint: { en: 'speaks Russian', ru: 'говорит по-русски' },
  },
  {
    key: 'poor',
    id: 1003,
    first_name: 'Boris',
    username: 'boris_2_stars',
    language_code: 'ru',
    label: { en: 'Boris', ru: 'Борис' },
    hint: { en: 'has 2 play Stars', ru: 'у него 2 учебные звезды' },
    stars: 2,
  },
  {
    key: 'nameless',
    id: 1004,
    first_name: 'Кот',
    language_code: 'ru',
    label: { en: 'Somebody', ru: 'Некто' },
    hint: { en: 'has no @username', ru: 'без имени пользователя' },
  },
]
