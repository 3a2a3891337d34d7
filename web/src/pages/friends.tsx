import type { InvitationsAnswer } from '../../../src/shop/web/own.ts'
import { useLive } from '../live.ts'
import { openTelegram } from '../telegram.ts'
import { Copy, Loaded, Page } from '../ui.tsx'
import { words } from '../words.ts'

/** Shows the personal link, and what it has brought. */
export function Friends({ back }: { back: boolean }) {
  const live = useLive<InvitationsAnswer>('/invitations')
  const w = words()
  return (
    <Page title={w.friends} back={back}>
      <Loaded live={live}>
        {({ terms, link, share, qr, ...counts }) => (
          <>
            <p>{terms}</p>
            <div class="figures">
              {(['invited', 'paying', 'earned', 'held'] as const).map((name) => (
                <div key={name}>
                  <b>{counts[name]}</b>
                  <small>{w[name]}</small>
                </div>
              ))}
            </div>
            {link && (
              <section class="card">
                {qr && <img class="qr" src={qr} alt={w.qr} />}
                <p class="code">{link}</p>
                <button type="button" class="key primary" onClick={() => openTelegram(share!)}>
                  {w.invite}
                </button>
                <Copy text={link}>{w.copyLink}</Copy>
              </section>
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}
