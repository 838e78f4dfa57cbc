/** One delivery of the bare loop: the order, and how far it has come. */
export interface Message {
  readonly order: string;
  readonly at: number;
}

/** What carries messages between the consumers of the bare loop. */
export interface Transport {
  /** Resolves when the broker has all of them for good. */
  send(group: string, messages: readonly Message[]): Promise<void>;
  /** Hands over messages from now on; `settle` is called with what `take` was given, once it is committed. */
  consume(group: string, take: (message: Message, settle: () => void) => void): Promise<void>;
  close(): Promise<void>;
}

/** As large as an envelope of Waybill. */
const filler = 'x'.repeat(380);

export const encodeMessage = ({ order, at }: Message): Buffer =>
  Buffer.from(JSON.stringify({ order, at, filler }));

export const decodeMessage = (bytes: Buffer): Message => {
  const { order, at } = JSON.parse(bytes.toString()) as Message;
  return { order, at };
};
