import { argv } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';

const [url, token, every = '5000'] = argv.slice(2);
/** The last change that was printed. Keep it where it survives a restart. */
let sinceId = 0;

/** Prints the changes after the last one; true if there may be more. */
async function poll() {
  const answer = await fetch(`${url}/api/v1/orders?limit=200&since_id=${sinceId}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!answer.ok) throw new Error(`no changes: ${answer.status}`);
  const { items, nextCursor } = await answer.json();
  for (const { changeId, change, number } of items) {
    console.log(`${changeId}: ${number} ${change.type}`);
    sinceId = changeId;
  }
  return nextCursor !== null;
}

for (;;) {
  const more = await poll().catch((error) => console.error(error.message));
  if (!more) await wait(Number(every));
}
