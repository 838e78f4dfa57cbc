import type { ServerMessage } from '@waybill/contracts/socket';
import type { News } from './domain/directory.ts';

/** Who gets a message: the others of a room, one client, or everybody else. */
export type Audience =
  | { readonly room: string; readonly except: string }
  | { readonly client: string }
  | { readonly user: string }
  | { readonly everybodyExcept: string };

/** A message on its way to clients of any gateway. */
export interface Delivery {
  readonly to: Audience;
  readonly message: ServerMessage;
}

/** The other gateways. Injected; alone, a gateway has none. */
export abstract class Peers {
  /** Tells the others what is new about the clients of this gateway. */
  abstract tell(news: News): void;
  /** Lets the others deliver a message to their clients. */
  abstract deliver(delivery: Delivery): void;
}

/** A gateway without others. */
export class NoPeers extends Peers {
  tell(): void {}
  deliver(): void {}
}
