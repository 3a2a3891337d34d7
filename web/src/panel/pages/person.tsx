import { useState } from 'preact/hooks'
import type { PersonAnswer } from '../../../../src/shop/web/panel/pages.ts'
import { useLive } from '../../live.ts'
import { Act, Loaded, say as tell, withoutPicture, withoutSign } from '../../ui.tsx'
import { act } from '../confirm.tsx'
import { Go, PanelPage } from '../parts.tsx'
import { say } from '../words.ts'
import { Deeds, Files, Notes } from './deal.tsx'

export function Person({ id }: { id: string }) {
  const live = useLive<PersonAnswer>(`/people/${encodeURIComponent(id)}`)
  const w = say()
  return (
    <PanelPage title={live.data ? withoutSign(live.data.title) : id}>
      <Loaded live={live}>
        {({ lines, notes, files, acts, isBanned, mayBan, mayAdjust, mayGiveRole, operations }) => (
          <>
            <ul class="card plain">
              {lines.map((line) => (
                <li key={line}>{withoutPicture(line)}</li>
              ))}
            </ul>
            <Notes notes={notes} />
            <Files files={files} name={w.photo} />
            <Deeds acts={acts} done={live.reload} />
            <div class="tools">
              <Go to={`payments?person=${id}`}>{w.theirPayments}</Go>
              <Go to={`orders?person=${id}`}>{w.theirOrders}</Go>
              <Go to={`audit?target=person ${id}`}>{w.theirAudit}</Go>
              {mayAdjust && <Go to={`adjust/${id}`}>{w.adjust}</Go>}
              {mayGiveRole && <Go to={`new/role?who=${id}`}>{w.giveRole}</Go>}
            </div>
            {mayBan && <Ban id={id} isBanned={isBanned} done={live.reload} />}
            <section>
              <h2>{w.operations}</h2>
              {operations.length === 0 && <p class="note">{w.empty}</p>}
              <ul class="list">
                {operations.map(({ id: key, sum, isPlus, what, after, at }) => (
                  <li class="row" key={key}>
                    <span>
                      <b>{what}</b>
                      <small>{at}</small>
                    </span>
                    <span class="end">
                      <b data-plus={isPlus}>{sum}</b>
                      <small>{after}</small>
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          </>
        )}
      </Loaded>
    </PanelPage>
  )
}

function Ban({ id, isBanned, done }: { id: string; isBanned: boolean; done: () => void }) {
  const [reason, setReason] = useState('')
  const w = say()
  const run = async (path: string, body: object) => {
    tell((await act<{ said: string }>(`/people/${id}/${path}`, body)).said)
    done()
  }
  if (isBanned)
    return (
      <div class="tools">
        <Act run={() => run('unban', {})}>{w.unban}</Act>
      </div>
    )
  return (
    <details>
      <summary>{w.ban}</summary>
      <div class="tools">
        <label class="field">
          {w.banReason}
          <input
            value={reason}
            maxLength={200}
            onInput={({ currentTarget: { value } }) => setReason(value)}
          />
        </label>
        <Act kind="key danger" disabled={reason.trim() === ''} run={() => run('ban', { reason })}>
          {w.ban}
        </Act>
      </div>
    </details>
  )
}
