import { argv } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';

const [url, token, orderId] = argv.slice(2);
/** The id of the last event that was printed: from there the next stream goes on. */
let lastEventId = '0';

async function follow() {
  const answer = await fetch(`${url}/api/v1/orders/${orderId}/stream`, {
    headers: { authorization: `Bearer ${token}`, 'last-event-id': lastEventId },
  });
  if (!answer.ok) throw new Error(`no stream: ${answer.status}`);
  let text = '';
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    const events = `${text}${part}`.split('\n\n');
    text = events.pop();
    for (const event of events) receive(event);
  }
}

/** A comment, which comes every 15 seconds, has no data. */
function receive(event) {
  const fields = Object.fromEntries(event.split('\n').map((line) => line.split(/: (.*)/, 2)));
  if (fields.data === undefined) return;
  lastEventId = fields.id;
  console.log(`version ${fields.id}: ${JSON.parse(fields.data).status}`);
}

for (;;) {
  await follow().catch((error) => console.error(error.message));
  await wait(1_000);
}
