import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { signOut, user } from '../lib/session.ts';
import { SignIn } from '../lib/sign-in.tsx';
import { notice } from './notice.ts';
import { type ConsolePage, pages } from './pages.ts';

/** What all pages of the console have around them. */
export function ConsoleFrame({
  at,
  content,
}: {
  at: ConsolePage | null;
  content: Signal<(() => JSX.Element) | null>;
}): JSX.Element {
  const isOperator = user.value?.roles.includes('operator') === true;
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="bar">
        <p class="brand">
          <a href="/console">
            Waybill <span class="quiet">console</span>
          </a>
        </p>
        {user.value && (
          <p class="row end">
            <span class="quiet email">{user.value.email}</span>
            <button type="button" class="plain" onClick={() => void signOut()}>
              Sign out
            </button>
          </p>
        )}
      </header>
      <div class={isOperator ? 'frame' : ''}>
        {isOperator && <Menu at={at} />}
        <main id="content" class="stack" tabIndex={-1}>
          <Body at={at} content={content} isOperator={isOperator} />
        </main>
      </div>
      <p class="notice" role="status">
        {notice.value}
      </p>
    </>
  );
}

function Body({
  at,
  content,
  isOperator,
}: {
  at: ConsolePage | null;
  content: Signal<(() => JSX.Element) | null>;
  isOperator: boolean;
}): JSX.Element {
  if (!user.value) {
    return (
      <>
        <h1 class="unseen">Console</h1>
        <SignIn />
      </>
    );
  }
  if (!isOperator) return <Refused email={user.value.email} />;
  const Content = content.value;
  if (!at) return <h1>There is no such page</h1>;
  return Content ? <Content /> : <h1>{at.title}</h1>;
}

function Refused({ email }: { email: string }): JSX.Element {
  return (
    <section class="card narrow">
      <h1>For operators only</h1>
      <p>
        {email} is a customer of the shop. The console is open to operators, such as ops@example.com
        in a system that was started for development.
      </p>
      <p class="row">
        <button type="button" onClick={() => void signOut()}>
          Sign in as somebody else
        </button>
        <a href="/">To the shop</a>
      </p>
    </section>
  );
}

const wide = matchMedia('(min-width: 60rem)');
const isWide = signal(wide.matches);
wide.addEventListener('change', ({ matches }) => {
  isWide.value = matches;
});

/** Open where there is room beside the content. */
function Menu({ at }: { at: ConsolePage | null }): JSX.Element {
  return (
    <nav aria-label="Console">
      <details class="menu" open={isWide.value}>
        <summary>Menu</summary>
        <ul class="plain-list">
          {pages
            .filter(({ inMenu }) => inMenu)
            .map(({ path, title }) => (
              <li
                key={path}
                class={at?.path.startsWith(path) && isSection(path, at) ? 'chosen' : ''}
              >
                <a href={path} aria-current={path === at?.path ? 'page' : undefined}>
                  {title}
                </a>
              </li>
            ))}
        </ul>
      </details>
    </nav>
  );
}

/** The overview is the beginning of every path. */
const isSection = (path: string, at: ConsolePage): boolean =>
  path !== '/console' || at.path === '/console';
