admin-section-exports = 📄 Выгрузки
export-title =
    📄 <b>Выгрузки в CSV</b>

    Файл придёт сюда; можно закрыть чат.
export-transactions = Операции
export-people = Покупатели
export-payments = Платежи
export-orders = Заказы
export-broadcast = Результаты рассылки
export-person = 📄 Операции в CSV
export-period = 📄 <b>{ $kind }</b>: за какое время?
export-days-1 = Сутки
export-days-7 = 7 дней
export-days-30 = 30 дней
export-days-90 = 90 дней
export-days-all = За всё время
export-type = Вид: { $type }
export-queued = 📄 { $kind }: готовим файл…
export-progress = 📄 Готовим файл: { $rows } строк…
export-done = Строк: { $rows }
export-sent = ✅ { $name }: строк { $rows }
export-part = Часть { $part } из { $parts } · строк: { $rows }
export-again = ⚠️ Отправка прерывалась: если файл с этим номером уже пришёл, этот его заменяет.
export-given-up = ⚠️ Файл не получился, задание ждёт в разделе «Ошибки»: /admin. Выгрузку можно запросить ещё раз.
job-export-run = Выгрузка
audit-export = выгрузил(а)
error-export-busy = Такая выгрузка уже готовится. Дождитесь файла.
