import type { JSX } from 'preact';
import { linkTo } from './address.ts';
import { Missing } from './list.tsx';
import type { Waiting as Page } from './one-channel.ts';

/** Messages that wait at the broker, the oldest first. */
export function Waiting({ page: { items, missing } }: { page: Page }): JSX.Element {
  return (
    <>
      <Missing services={missing} />
      {items.length === 0 && <p class="quiet">Nothing waits.</p>}
      <ul class="health">
        {items.map((message, place) => (
          <li key={`${message.headers?.id ?? place} ${message.group}`}>
            <details>
              <summary>
                <span class="grow">{message.headers?.type ?? 'not a message'}</span>
                <span class="quiet">for {message.group}</span>
                {message.inFlight && <span class="quiet">a consumer has it</span>}
              </summary>
              {message.headers && (
                <p>
                  <a href={linkTo('messages', message.headers.id)}>Where it is</a>, key{' '}
                  <code>{message.headers.key}</code>
                </p>
              )}
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
              <pre tabIndex={0}>
                {message.headers ? JSON.stringify(message.data, null, 2) : message.body}
              </pre>
            </details>
          </li>
        ))}
      </ul>
    </>
  );
}
