/** One delivery of the bare loop: the order, and its position on the route. */
export interface Message {
  readonly order: string;
  readonly at: number;
}

/** Carries messages between the consumers of the bare loop. */
export interface Transport {
  /** Resolves when the broker has confirmed all of them. */
  send(group: string, messages: readonly Message[]): Promise<void>;
  /** Delivers messages from now on; the consumer calls `settle` once a message is committed. */
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
