/** How the messages of a contract are bytes on the wire, where that is not JSON. */
export interface Codec {
  /** Its name on the wire and in documents. */
  readonly contentType: string;
  /** The bytes of an envelope. Throws if its data do not fit the schema of the contract. */
  encode(envelope: object): Uint8Array;
  /** The fields of an envelope in bytes of any origin, unchecked; throws for bytes that hold none. */
  decode(bytes: Uint8Array): object;
}

/** By type. A process knows the contracts that it has loaded. */
const codecs = new Map<string, Codec>();

/** The codec of a type of messages; undefined for JSON, and for contracts that this process has not loaded. */
export const codecOf = (type: string): Codec | undefined => codecs.get(type);

/** Makes the codec of a contract known to `codecOf`. */
export function useCodec(type: string, codec: Codec): void {
  codecs.set(type, codec);
}
