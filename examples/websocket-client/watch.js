import { argv } from 'node:process';
import { WebSocket } from 'ws';

const [url, token, orderId] = argv.slice(2);
const room = `order:${orderId}`;
/** A different pause each time, so that the clients of a gateway that has stopped do not come at once. */
const pause = () => 500 + 1_000 * Math.random();
/** The last version that was printed: from there the next connection goes on. */
let lastEventId = 0;

async function connect() {
  const answer = await fetch(`${url}/api/v1/ws/tickets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  if (!answer.ok) throw new Error(`no ticket: ${answer.status}`);
  const { ticket } = await answer.json();
  const address = `${url.replace('http', 'ws')}/ws?ticket=${ticket}`;
  const socket = new WebSocket(address, ['waybill.v1'], { origin: new URL(url).origin });
  socket.on('open', () => socket.send(JSON.stringify({ type: 'join_room', room, lastEventId })));
  socket.on('message', (data) => receive(JSON.parse(String(data))));
  socket.on('error', (error) => console.error(error.message));
  socket.on('close', () => setTimeout(watch, pause()));
}

function receive(message) {
  if (message.type === 'error') console.error(`${message.code}: ${message.message}`);
  if (message.type !== 'order_updated') return;
  lastEventId = message.id;
  console.log(`version ${message.id}: ${message.order.status}`);
}

function watch() {
  connect().catch((error) => {
    console.error(error.message);
    setTimeout(watch, pause());
  });
}

watch();
