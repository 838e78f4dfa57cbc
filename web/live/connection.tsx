import type { JSX } from 'preact';
import { socket } from './live.ts';

export function Connection(): JSX.Element {
  const { received, sent, bytes, reconnects, latency } = socket.traffic.value;
  const figures = [
    ['Client', socket.clientId.value?.slice(0, 8) ?? '–'],
    ['Round trip', latency === null ? '–' : `${latency.toFixed(1)} ms`],
    ['Messages received', String(received)],
    ['Messages sent', String(sent)],
    ['Received', size(bytes)],
    ['Reconnects', String(reconnects)],
  ];
  return (
    <section class="card" aria-labelledby="connection">
      <h2 id="connection">Connection</h2>
      <p class="trouble">{socket.trouble.value}</p>
      <dl class="figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const size = (bytes: number): string =>
  bytes < 10_000 ? `${bytes} B` : `${(bytes / 1_000).toFixed(0)} kB`;
