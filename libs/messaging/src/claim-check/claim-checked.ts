import { decode, type Envelope } from '@waybill/message';
import type { BlobStore } from '../blob-store.ts';
import type { Broker } from '../broker.ts';
import { referenceIn } from './claim.ts';
import { ClaimingListener } from './claiming-listener.ts';
import { LargeMessages, type Transport, usualTransport } from './large-messages.ts';

/** How to transport large bodies. */
export interface ClaimCheckOptions extends Partial<Transport> {
  /** Stores them; absent: a body travels in its message, and one that is larger than its broker takes is refused. */
  readonly blobs?: BlobStore | undefined;
  /** Called when a body cannot be fetched for now; default: not reported. */
  readonly onTrouble?: ((what: string, error: Error) => void) | undefined;
}

/**
 * The same broker for messages of any size. A large body is put into the blob store when it is published and fetched
 * before delivery; the broker carries an envelope with a reference as its data. Other bodies are encoded for the wire (`Encodings`).
 */
export function claimChecked<B extends Broker>(broker: B, options: ClaimCheckOptions = {}): B {
  const { blobs = null, onTrouble = () => undefined } = options;
  const large = new LargeMessages(broker, blobs, { ...usualTransport, ...options });
  const own: Pick<Broker, 'largest' | 'publish' | 'subscribe' | 'observe'> = {
    largest: blobs ? Number.POSITIVE_INFINITY : broker.largest,
    publish: (messages, settled) => large.publish(messages, settled),
    subscribe: async (group, listener, subscribing) => {
      const claiming = new ClaimingListener(listener, { blobs, onTrouble });
      const leave = await broker.subscribe(group, claiming, subscribing);
      return () => {
        claiming.leave();
        return leave();
      };
    },
    observe: (pattern, listener, observing) =>
      broker.observe(pattern, (envelope) => look(envelope, blobs, listener), observing),
  };
  return new Proxy(broker, {
    get: (target, name) => {
      const found: unknown = name in own ? Reflect.get(own, name) : Reflect.get(target, name);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
}

/** A message whose body cannot be fetched is skipped: observers may miss messages. */
function look(
  envelope: Envelope,
  blobs: BlobStore | null,
  listener: (envelope: Envelope) => void,
): void {
  const reference = referenceIn(envelope.data);
  if (reference === null) listener(envelope);
  else {
    const fetched = blobs ? blobs.get(reference) : Promise.resolve(null);
    fetched
      .then((found) => found && listener(decode(Buffer.from(found).toString())))
      .catch((error: unknown) => process.emitWarning(`an observer failed: ${String(error)}`));
  }
}
