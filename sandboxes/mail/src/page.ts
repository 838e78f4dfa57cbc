import type { ReceivedMail } from './mailbox.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (found) => entities[found] ?? '');

const style = `
  :root { color-scheme: light dark; --line: light-dark(#d5d9de, #3a4048); --soft: light-dark(#f4f6f8, #1d2126); --far: light-dark(#57606a, #9aa4ae) }
  * { box-sizing: border-box }
  body { font: .95rem/1.45 system-ui, sans-serif; margin: 0; display: grid; grid-template: auto 1fr / minmax(16rem, 24rem) 1fr; height: 100vh }
  header { grid-column: 1 / -1; display: flex; gap: 1rem; align-items: baseline; padding: .7rem 1rem; border-bottom: 1px solid var(--line) }
  h1 { font-size: 1.1rem; margin: 0 } h2 { font-size: 1.2rem; margin: 0 0 .4rem }
  nav { overflow: auto; border-right: 1px solid var(--line) }
  nav ol { list-style: none; margin: 0; padding: 0 }
  nav a { display: block; padding: .55rem 1rem; border-bottom: 1px solid var(--line); color: inherit; text-decoration: none }
  nav a:hover, nav a:focus-visible { background: var(--soft) }
  nav a[aria-current] { background: var(--soft); box-shadow: inset 3px 0 #2f6feb }
  .subject { display: block; font-weight: 600; overflow-wrap: anywhere }
  small, dt { color: var(--far) }
  main { overflow: auto; padding: 1rem 1.4rem }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0 0 1rem }
  dd { margin: 0; overflow-wrap: anywhere }
  iframe { width: 100%; height: 24rem; border: 1px solid var(--line); border-radius: .4rem; background: #fff; color-scheme: light }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .8rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--soft) }
  @media (width < 45rem) { body { display: block; height: auto } header { flex-wrap: wrap } nav { max-height: 40vh; border-right: 0; border-bottom: 2px solid var(--line) } }
  form { margin-left: auto; display: flex; gap: .5rem } input, button { font: inherit; padding: .2rem .5rem }
`;

/** The page: the mails, newest first, and the one that is shown. */
export function pageOf(view: {
  readonly mails: readonly ReceivedMail[];
  readonly mail: ReceivedMail | undefined;
  readonly to: string | undefined;
}): string {
  const { mails, mail, to = '' } = view;
  const filter = to === '' ? '' : `&amp;to=${escaped(encodeURIComponent(to))}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mail sandbox</title>
<style>${style}</style>
<header>
  <h1>Mail sandbox</h1><small>${mails.length} ${mails.length === 1 ? 'mail' : 'mails'}; nothing leaves this machine</small>
  <form><label>To <input name="to" type="email" value="${escaped(to)}" placeholder="everybody"></label><button>Show</button></form>
</header>
<nav aria-label="Mails"><ol>${mails.map((each) => entryOf(each, mail, filter)).join('')}</ol></nav>
<main>${mail ? mailView(mail) : '<p>No mail has arrived yet.</p>'}</main>
</html>
`;
}

const entryOf = (mail: ReceivedMail, shown: ReceivedMail | undefined, filter: string): string =>
  `<li><a href="/?id=${mail.id}${filter}"${mail.id === shown?.id ? ' aria-current="true"' : ''}><span class="subject">${escaped(mail.subject)}</span>
<small>${escaped(mail.to.join(', '))} · ${timeOf(mail)}</small></a></li>`;

const timeOf = ({ at }: ReceivedMail): string => `${at.slice(0, 10)} ${at.slice(11, 19)}`;

/** What others wrote is escaped; the HTML part is a document of its own that may do nothing. */
function mailView(mail: ReceivedMail): string {
  const { subject, from, to, messageId, copies, html, text } = mail;
  const rows = [
    ['From', from],
    ['To', to.join(', ')],
    ['At', timeOf(mail)],
    ['Message-ID', messageId ?? '–'],
    ...(copies > 1 ? [['Arrived', `${copies} times`]] : []),
  ];
  return `<h2>${escaped(subject)}</h2>
<dl>${rows.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value ?? '')}</dd>`).join('')}</dl>
${html === '' ? '' : `<h3>HTML</h3><iframe sandbox title="The HTML part" srcdoc="${escaped(html)}"></iframe>`}
<h3>Text</h3><pre>${escaped(text)}</pre>`;
}
