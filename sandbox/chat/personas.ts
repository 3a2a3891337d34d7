/** A text in both languages of the page. */
export interface Words {
  en: string
  ru: string
}

/** Somebody whom the person at the screen can be. */
export interface Persona {
  key: 'new' | 'regular' | 'broke' | 'friend' | 'admin'
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

export const personas: Persona[] = [
  {
    key: 'new',
    id: 1001,
    first_name: 'Nina',
    username: 'nina_new',
    language_code: 'en',
    label: { en: 'New customer', ru: 'Иностранец' },
    hint: { en: 'Nina, speaks English', ru: 'Nina, новый клиент, говорит по-английски' },
  },
  {
    key: 'new',
    id: 1005,
    first_name: 'Нина',
    username: 'nina_novaya',
    language_code: 'ru',
    label: { en: 'Newcomer in Russian', ru: 'Новый клиент' },
    hint: { en: 'Нина, new here, speaks Russian', ru: 'Нина, говорит по-русски' },
  },
  {
    key: 'regular',
    id: 1002,
    first_name: 'Роман',
    username: 'roman_regular',
    language_code: 'ru',
    label: { en: 'Regular', ru: 'Постоянный клиент' },
    hint: { en: 'Роман, speaks Russian', ru: 'Роман, говорит по-русски' },
  },
  {
    key: 'broke',
    id: 1003,
    first_name: 'Boris',
    username: 'boris_broke',
    language_code: 'ru',
    label: { en: 'Broke', ru: 'Без денег' },
    hint: { en: 'Boris has 2 play Stars', ru: 'Boris, у него 2 учебных Stars' },
    stars: 2,
  },
  {
    key: 'friend',
    id: 1004,
    first_name: 'Фаина',
    username: 'faina_friend',
    language_code: 'ru',
    label: { en: 'Friend', ru: 'Друг' },
    hint: { en: 'Фаина, invited by a link', ru: 'Фаина, приходит по приглашению' },
  },
  {
    key: 'admin',
    id: 1,
    first_name: 'Ada',
    username: 'ada_admin',
    language_code: 'ru',
    label: { en: 'Admin', ru: 'Админ' },
    hint: { en: 'Ada runs the shop: /admin', ru: 'Ada ведёт магазин: /admin' },
    admin: true,
  },
]
