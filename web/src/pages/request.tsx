import { useRef, useState } from 'preact/hooks'
import type { RequestAnswer } from '../../../src/shop/web/by-hand.ts'
import { post, upload } from '../api.ts'
import { useLive } from '../live.ts'
import { replace } from '../router.ts'
import { feel } from '../telegram.ts'
import { Act, Leaving, Copy, Loaded, Page, say } from '../ui.tsx'
import { words } from '../words.ts'

/** Shows a transfer by hand, from the requisites to the decision. */
export function Request({ id, back }: { id: string; back: boolean }) {
  const live = useLive<RequestAnswer>(`/requests/${id}`)
  const w = words()
  return (
    <Page title={w.request} back={back}>
      <Loaded live={live}>
        {(request) => (
          <>
            <section class="card" data-request={request.state}>
              <p>{stateWords(request)}</p>
              <dl>
                <dt>{w.transfer}</dt>
                <dd>{request.sum}</dd>
                <dt>{w.youGet}</dt>
                <dd>{request.credit}</dd>
                {request.proofs > 0 && (
                  <>
                    <dt>{w.proofsSent}</dt>
                    <dd>{request.proofs}</dd>
                  </>
                )}
              </dl>
              {request.wanted && (
                <p>
                  {w.requestMore}: <b>{request.wanted}</b>
                </p>
              )}
              <p class="note">
                {w.request} {request.id}
              </p>
            </section>
            {request.requisites !== null && (
              <section class="card">
                <h2>{w.requisites}</h2>
                <p class="code quote">{request.requisites}</p>
                <Copy text={request.requisites}>{w.copyRequisites}</Copy>
              </section>
            )}
            {request.isOpen && <Receipt id={id} done={live.reload} />}
            {request.state === 'created' && (
              <Act
                run={async () => {
                  await post(`/requests/${id}/withdraw`)
                  live.reload()
                }}
              >
                {w.withdraw}
              </Act>
            )}
            {request.order && (
              <button type="button" class="key" onClick={() => replace(request.order!)}>
                {w.toOrder}
              </button>
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function stateWords({ state, reason }: RequestAnswer): string {
  const w = words()
  if (state === 'created') return w.requestCreated
  if (state === 'pending') return w.requestPending
  if (state === 'paid' || state === 'overpaid') return w.requestPaid
  return reason ?? w.requestOver
}

const MOST_BYTES = 10 * 1024 * 1024

function Receipt({ id, done }: { id: string; done: () => void }) {
  const chosen = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File>()
  const [typed, setTyped] = useState('')
  const [share, setShare] = useState<number>()
  const w = words()
  const sent = () => {
    feel('success')
    say(w.receiptSent)
    setFile(undefined)
    setTyped('')
    if (chosen.current) chosen.current.value = ''
    done()
  }
  return (
    <section class="card">
      <div class="field">
        <label for="receipt">{w.receipt}</label>
        <input
          id="receipt"
          ref={chosen}
          type="file"
          accept="image/*,application/pdf"
          aria-describedby="receipt-hint"
          onChange={({ currentTarget }) => setFile(currentTarget.files?.[0])}
        />
        <p id="receipt-hint" class="note">
          {w.receiptHint}
        </p>
      </div>
      <Leaving share={share} />
      {file && (
        <Act
          kind="key primary"
          run={async () => {
            if (file.size > MOST_BYTES) return say(w.fileTooBig)
            await upload(`/requests/${id}/file`, file, setShare).finally(() => setShare(undefined))
            sent()
          }}
        >
          {w.sendReceipt}
        </Act>
      )}
      <div class="field">
        <label for="receipt-words">{w.receiptWords}</label>
        <textarea
          id="receipt-words"
          rows={2}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </div>
      {typed.trim().length >= 4 && (
        <Act
          run={async () => {
            await post(`/requests/${id}/words`, { words: typed })
            sent()
          }}
        >
          {w.sendWords}
        </Act>
      )}
    </section>
  )
}
