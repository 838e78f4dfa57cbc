import type { Readable } from 'node:stream';

/** A server-sent event. */
export interface ReadEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** The server-sent events in a response, without comments. Data are one line. */
export async function* eventsIn(body: Readable): AsyncIterable<ReadEvent> {
  body.setEncoding('utf8');
  let text = '';
  for await (const chunk of body) {
    const parts = `${text}${String(chunk)}`.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const fields = new Map(part.split('\n').map(fieldIn));
      const data = fields.get('data');
      if (data === undefined) continue;
      yield { id: fields.get('id') ?? '', event: fields.get('event') ?? 'message', data };
    }
  }
}

function fieldIn(line: string): [name: string, value: string] {
  const at = line.indexOf(': ');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 2)];
}
