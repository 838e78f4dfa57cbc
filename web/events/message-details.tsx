import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Field, fieldsOf, type Message, type Schema } from './async-api.ts';

export function MessageDetails({
  message,
  schemas,
}: {
  readonly message: Message;
  readonly schemas: Readonly<Record<string, Schema>>;
}): JSX.Element {
  const { name, title, kind, summary, channel, publishers, consumers, schema, example } = message;
  const heading = useRef<HTMLHeadingElement>(null);
  // On a phone the list is above it.
  useEffect(() => heading.current?.focus(), [name]);
  const isSocket = kind === 'websocket';
  const others = isSocket ? ['clients of the WebSocket'] : [];
  const facts = [
    ['Channel', [channel]],
    ['Kind', [kind]],
    ['Name with version', [name]],
    ['Sent by', publishers.length > 0 ? publishers : others],
    ['Received by', consumers.length > 0 ? consumers : others],
  ] as const;
  return (
    <article class="card" aria-labelledby="message">
      <h2 id="message" tabIndex={-1} ref={heading}>
        {title}
      </h2>
      <p>{summary}</p>
      <dl class="facts">
        {facts.map(([fact, values]) => (
          <div key={fact}>
            <dt>{fact}</dt>
            <dd>{values.join(', ') || 'nobody'}</dd>
          </div>
        ))}
      </dl>
      <Fields fields={fieldsOf(schema, schemas)} />
      {example !== undefined && (
        <>
          <h3>Example</h3>
          <pre>{JSON.stringify(example, null, 2)}</pre>
        </>
      )}
    </article>
  );
}

function Fields({ fields }: { readonly fields: readonly Field[] }): JSX.Element {
  if (fields.length === 0) return <p>It has no fields.</p>;
  return (
    <table class="fields">
      <caption>Fields</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Type</th>
          <th scope="col">Meaning and rules</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ path, type, isOptional, rules, description }) => (
          <tr key={path}>
            <th scope="row">
              <code>{path}</code>
            </th>
            <td>
              {type}
              {isOptional && <span class="quiet"> (optional)</span>}
            </td>
            <td>
              {description} <span class="quiet">{rules.join(', ')}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
