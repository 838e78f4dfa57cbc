/** How gateways reach each other: what one publishes reaches all, itself included, at most once and in order. */
export interface PeerLink {
  /** Rejects if it cannot be published now. */
  publish(text: string): Promise<unknown>;
  open(events: PeerEvents): void;
  close(): Promise<void>;
}

/** What is received from the other gateways, and from oneself. */
export interface PeerEvents {
  readonly message: (text: string) => void;
  /** Messages are received from now on; earlier ones may be missing. */
  readonly subscribed: () => void;
}

/** Injects the `PeerLink`, or null for a gateway without others. */
export const PEER_LINK = Symbol('waybill:peer-link');
