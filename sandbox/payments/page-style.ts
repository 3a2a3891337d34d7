/** The contrast is at least 4.5:1 in both themes; the page is usable with keys alone and at 320 px. */
export const STYLE = `
:root { color-scheme: light dark; --back: #eef1f6; --card: #fff; --ink: #16202e; --dim: #566274; --line: #d7dde6; --main: #1f5fbf }
@media (prefers-color-scheme: dark) { :root { --back: #10151d; --card: #1a212c; --ink: #e9eef6; --dim: #a3afc0; --line: #323c4b; --main: #8ab6ff } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; background: var(--back); color: var(--ink); font: 16px/1.45 system-ui, sans-serif }
.ribbon { margin: 0; padding: 10px 16px; text-align: center; font-weight: 600; color: #3b2500; background: repeating-linear-gradient(135deg, #ffd879 0 14px, #ffcd58 14px 28px) }
main { max-width: 440px; margin: 28px auto 12px; padding: 24px; background: var(--card); border: 1px solid var(--line); border-radius: 18px }
.vendor { margin: 0; font-weight: 600 } .vendor small { color: var(--dim); font-weight: 400 }
h1 { margin: 14px 0 0; font-size: 34px; letter-spacing: -.5px; overflow-wrap: anywhere } h1 small { font-size: 18px; color: var(--dim) }
.title { margin: 4px 0 16px; color: var(--dim); overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: auto 1fr; gap: 6px 16px; margin: 0 0 18px; padding: 14px 0; border-block: 1px solid var(--line); font-size: 15px }
dt { color: var(--dim) } dd { margin: 0; text-align: right; overflow-wrap: anywhere } code { font-size: 13px }
form { display: grid; gap: 8px } form p { margin: 0 0 2px; color: var(--dim) }
button { padding: 11px 14px; text-align: left; font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 12px; cursor: pointer }
button b { display: block } button span { color: var(--dim); font-size: 14px }
button.exact { border: 2px solid var(--main) } button.exact b, .status { color: var(--main) }
button:hover:enabled { border-color: var(--main) } button:focus-visible, a:focus-visible { outline: 3px solid var(--main); outline-offset: 2px }
button:disabled { opacity: .55; cursor: not-allowed }
.back { display: block; margin-top: 18px; text-align: center } a { color: var(--main) } .done { color: var(--dim) }
footer { text-align: center; padding: 8px 16px 28px; font-size: 14px }
`
