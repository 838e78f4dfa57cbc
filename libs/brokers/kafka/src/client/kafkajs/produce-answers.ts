import { createRequire } from 'node:module';

interface Answer {
  readonly response: { parse(answer: object): Promise<object> };
}
type Encode = (request: object) => Answer;
interface BrokerOfLibrary {
  readonly connectionPool: { readonly clientId: string };
  lookupRequest(key: number, definition: object): Encode;
  produce(request: object): Promise<object>;
}

const clientIds = new Set<string>();
let patched = false;

/**
 * Makes the producers of a client id resolve with the error code of each partition. When a response rejects one of
 * several partitions, kafkajs 2.2.4 throws only the first error, so it is unknown which records are stored.
 */
export function answerByPartition(clientId: string): void {
  clientIds.add(clientId);
  if (patched) return;
  patched = true;
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/broker') as {
    prototype: BrokerOfLibrary;
  };
  const { produce } = prototype;
  prototype.produce = function (this: BrokerOfLibrary, request) {
    return produce.call(
      clientIds.has(this.connectionPool.clientId) ? lenient(this) : this,
      request,
    );
  };
}

/** The kafkajs error for a Kafka error code. */
export function errorOfCode(code: number): Error {
  const { createErrorFromCode } = createRequire(import.meta.url)('kafkajs/src/protocol/error') as {
    createErrorFromCode(code: number): Error;
  };
  return createErrorFromCode(code);
}

/** The same connection, with responses that are returned whatever their error codes. */
function lenient(broker: BrokerOfLibrary): BrokerOfLibrary {
  const lookupRequest: BrokerOfLibrary['lookupRequest'] = (key, definition) => {
    const encode = broker.lookupRequest(key, definition);
    return (request) => {
      const made = encode(request);
      return { ...made, response: { ...made.response, parse: async (answer) => answer } };
    };
  };
  return Object.create(broker, { lookupRequest: { value: lookupRequest } }) as BrokerOfLibrary;
}
