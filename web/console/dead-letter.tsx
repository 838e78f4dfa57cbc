import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { Action } from './action.tsx';
import { linkTo } from './address.ts';
import { audit, discard, draft, edit, letter, redrive, trouble } from './letter.ts';
import { Table, Trouble } from './list.tsx';
import { Time } from './time.tsx';

type Letter = Schemas['DeadLetter'];

/** One message that could not be processed, and what can be done with it. */
export function DeadLetter(): JSX.Element {
  const found = letter.value;
  const last = audit.value.at(-1);
  const isGone = !found && last !== undefined && last.action !== 'read';
  return (
    <>
      <p>
        <a href="/console/dead-letters">Dead letters</a>
      </p>
      <h1>{found?.type ?? 'Dead letter'}</h1>
      {isGone && (
        <p role="status">
          It is {last.action}
          {last.edited && ' with changed data'}, by {last.by}.
        </p>
      )}
      {!isGone && <Trouble text={trouble.value} />}
      {found && (
        <>
          <Cause letter={found} />
          <Content letter={found} />
          <Actions letter={found} />
        </>
      )}
      <Audit />
    </>
  );
}

function Cause({ letter: found }: { letter: Letter }): JSX.Element {
  return (
    <section class="card" aria-labelledby="cause">
      <h2 id="cause">Cause</h2>
      <p class="trouble">{found.error}</p>
      <dl class="figures">
        <div>
          <dt>Group</dt>
          <dd>{found.group}</dd>
        </div>
        <div>
          <dt>Channel</dt>
          <dd>{found.channel}</dd>
        </div>
        <div>
          <dt>Attempts</dt>
          <dd>{found.attempts}</dd>
        </div>
        <div>
          <dt>First, last</dt>
          <dd>
            <Time at={found.firstAt} />, <Time at={found.at} />
          </dd>
        </div>
        {found.key && (
          <div>
            <dt>Key</dt>
            <dd>
              <a href={linkTo('orders', found.key)}>Journey of the order</a>
            </dd>
          </div>
        )}
      </dl>
      {found.stack && (
        <details>
          <summary>Stack</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
          <pre tabIndex={0}>{found.stack}</pre>
        </details>
      )}
    </section>
  );
}

function Content({ letter: { headers, data, body, sizeBytes } }: { letter: Letter }): JSX.Element {
  if (draft.value !== null) return <Editor />;
  return (
    <section class="card" aria-labelledby="content">
      <h2 id="content">Message</h2>
      <p class="quiet">{sizeBytes} bytes. Personal data are masked.</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
      <pre tabIndex={0}>{headers ? JSON.stringify(data, null, 2) : body}</pre>
      {headers && (
        <details>
          <summary>Headers</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
          <pre tabIndex={0}>{JSON.stringify(headers, null, 2)}</pre>
        </details>
      )}
    </section>
  );
}

function Editor(): JSX.Element {
  return (
    <section class="card" aria-labelledby="editor">
      <h2 id="editor">Edit the message</h2>
      <label>
        Data
        <textarea
          spellcheck={false}
          value={draft.value ?? ''}
          onInput={({ currentTarget }) => {
            draft.value = currentTarget.value;
          }}
        />
      </label>
      <p>
        <button
          type="button"
          class="plain start"
          onClick={() => {
            draft.value = null;
          }}
        >
          Leave it as it came
        </button>
      </p>
    </section>
  );
}

function Actions({ letter: { redrivable, group } }: { letter: Letter }): JSX.Element {
  const isEdited = draft.value !== null;
  return (
    <div class="actions">
      {redrivable && (
        <Action
          label={isEdited ? 'Redrive as edited' : 'Redrive'}
          question={isEdited ? 'Redrive it with the changed data?' : 'Redrive it?'}
          effect={`${group} processes it again, and no other group. If it fails again, it is a dead letter again, under the same id.`}
          done="The message is processed again."
          run={redrive}
        />
      )}
      {redrivable && !isEdited && (
        <Action
          label="Edit"
          question="Edit the message?"
          effect="The data are shown as they came, unmasked. Who reads them, and why, is in the audit."
          done="The message can be edited."
          run={(form) => edit(String(form.get('reason')).trim())}
        >
          <label>
            Reason
            <input name="reason" required maxLength={500} />
          </label>
        </Action>
      )}
      <Action
        isGrave
        label="Discard"
        question="Discard it for good?"
        effect="The message is deleted and never processed. What it was about stays undone."
        done="The dead letter is discarded."
        run={discard}
      />
    </div>
  );
}

function Audit(): JSX.Element | null {
  if (audit.value.length === 0) return null;
  return (
    <section class="card" aria-labelledby="audit">
      <h2 id="audit">What operators did</h2>
      <Table
        of="what operators did"
        items={audit.value}
        keyOf={({ at, action }) => `${at} ${action}`}
        columns={[
          { title: 'What', of: ({ action, edited }) => `${action}${edited ? ', edited' : ''}` },
          { title: 'Who', of: ({ by }) => by },
          { title: 'Why', of: ({ reason }) => reason },
          { title: 'At', of: ({ at }) => <Time at={at} /> },
        ]}
      />
    </section>
  );
}
